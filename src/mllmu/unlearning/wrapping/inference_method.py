"""Methods that leave the weights as they are, and change what is around the model when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.unlearning.method import Method

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


class InferenceMethod(Method):
    """A method whose result is the model it was given, behind an instruction or a wrapper.

    Whoever has the weights can take the wrapper off: it protects a model that is asked over an interface.
    """

    kind = "inference"

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """Nothing: what is added stands beside the weights."""
        return frozenset()
