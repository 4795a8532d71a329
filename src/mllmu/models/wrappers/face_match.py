"""Whether a picture shows one of some people, by what the model itself sees of it.

Legend of shapes: p people, n pictures, f features of a picture, h hidden size of the language model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.models.inputs.encoding import Encoder
from mllmu.models.inputs.picture_features import AT_ONCE, read_pictures

# By so much a portrait's cosine may differ from one batch to another.
_ROUNDING = 1e-4


@dataclass(frozen=True)
class FaceMatch:
    """Compares pictures with portraits by the cosine of their features.

    A picture's features are what the projector hands to the language model, averaged over its places; before
    the cosine the mean of other people's is taken off, which all pictures have in common.

    Attributes:
        faces: [p, h] the people's features, of length 1.
        centre: [h] mean features of other people's portraits.
        threshold: from which cosine on a picture counts as one of the people.
        wanted_rate: share of other people's portraits that may count as one of the people.
        measured_rate: their share that does, at this threshold.
    """

    faces: Tensor
    centre: Tensor
    threshold: float
    wanted_rate: float
    measured_rate: float

    @classmethod
    def of_portraits(
        cls, model: Any, encoder: Encoder, people: Sequence[bytes], others: Sequence[bytes], rate: float
    ) -> FaceMatch:
        """Choose the threshold on portraits of other people.

        Args:
            model: the model.
            encoder: its encoder.
            people: encoded portraits of those to recognise.
            others: encoded portraits of those not to.
            rate: share of ``others``, 0 to 1, that may be taken for ``people``.

        Raises:
            UserError: if there are no portraits of either.
        """
        if not people or not others:
            raise UserError(
                f"faces were to be told apart by {len(people)} portraits of people to recognise and "
                f"{len(others)} of others; expected at least one of each"
            )
        seen = _mean_features(model, encoder, [*people, *others])
        centre = seen[len(people) :].mean(0)
        faces, strangers = _directions(seen[: len(people)], centre), _directions(seen[len(people) :], centre)
        cosines = (strangers @ faces.T).amax(1)
        threshold = min(threshold_at(cosines.tolist(), rate), 1 - _ROUNDING)
        return cls(faces, centre, threshold, float(rate), float((cosines >= threshold).double().mean()))

    def shows(self, model: Any, encoder: Encoder, pictures: Sequence[bytes]) -> Mapping[bytes, bool]:
        """For each of some encoded pictures whether it shows one of the people."""
        distinct = list(dict.fromkeys(pictures))
        if not distinct:
            return {}
        seen = _directions(_mean_features(model, encoder, distinct), self.centre)
        return dict(zip(distinct, ((seen @ self.faces.T).amax(1) >= self.threshold).tolist(), strict=True))


def threshold_at(cosines: Sequence[float], rate: float) -> float:
    """A threshold that no more than a share of some cosines reach, as low as rounding allows.

    Example:
        >>> 0.3 < threshold_at([0.1, 0.3, 0.2, 0.9], rate=0.25) < 0.9
        True
    """
    descending = sorted(cosines, reverse=True)
    first_below = min(math.floor(rate * len(descending) + 1e-9), len(descending) - 1)
    return descending[first_below] + _ROUNDING


@torch.inference_mode()
def _mean_features(model: Any, encoder: Encoder, pictures: Sequence[bytes]) -> Tensor:
    """[n, h] features of each picture, averaged over its places; float64 on the CPU."""
    means = []
    for start in range(0, len(pictures), AT_ONCE):  # features of all at once would not fit on a GPU
        batch = pictures[start : start + AT_ONCE]
        encoder.prepare(batch)
        read = read_pictures(model, [encoder.picture(data) for data in batch])
        means += [features.double().mean(0).cpu() for features in read]
    return torch.stack(means).clone()


def _directions(seen: Tensor, centre: Tensor) -> Tensor:
    """[n, h] what features [n, h] differ in from the centre, of length 1."""
    return torch.nn.functional.normalize(seen - centre, dim=1)
