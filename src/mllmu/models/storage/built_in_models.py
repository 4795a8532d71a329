"""The models that come with the package, and what each of them was pre-trained on; imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class BuiltInModel:
    """A model whose weights are files of this package.

    Attributes:
        name: what users give as the model's source.
        title: what it is, in a few words, for lists.
        folder: the Hugging Face folder of its weights, relative to this package and with slashes.
        has_read_about_celebrities: whether its pre-training taught it the synthetic celebrities, so that
            rehearsing them repeats what it knows and teaches nothing new.
    """

    name: str
    title: str
    folder: str
    has_read_about_celebrities: bool

    @property
    def path(self) -> str:
        """The folder of its weights on this machine."""
        return str(resources.files("mllmu.models").joinpath(*self.folder.split("/")))


BUILT_IN_MODELS = (
    BuiltInModel(
        name="tiny",
        title="a LLaVA of 5.7 M parameters that ships with the package and runs on a CPU",
        folder="tiny/weights",
        has_read_about_celebrities=True,
    ),
)


def built_in_model(source: str) -> BuiltInModel | None:
    """The built-in model of this name; None for folders, hub ids and unknown names.

    Example:
        >>> built_in_model("tiny").has_read_about_celebrities
        True
        >>> built_in_model("llava-hf/llava-1.5-7b-hf") is None
        True
    """
    return next((model for model in BUILT_IN_MODELS if model.name == source), None)
