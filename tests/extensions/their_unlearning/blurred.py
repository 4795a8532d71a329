"""People shown out of focus."""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image, ImageFilter

from mllmu.benchmark import Profile


class Blurred:
    name = "blurred"
    title = "Blurred"

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        image = Image.open(io.BytesIO(profile.image)).convert("RGB").filter(ImageFilter.GaussianBlur(4))
        encoded = io.BytesIO()
        image.save(encoded, "PNG")
        return {self.name: encoded.getvalue()}


BLURRED = Blurred()
