"""Replay: old lessons mixed into what a model is taught, so that it keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch.utils.data import Dataset

from mllmu.models import Encoded, LoadedModel
from mllmu.training.data.dataset import EncodedItems, SampleDataset
from mllmu.training.data.samples import Sample

Lessons = Callable[[int], Sequence[Sample]]
"""The number of an epoch -> the lessons repeated in it; every epoch has as many."""


class ReplayDataset(Dataset[Encoded]):
    """What is taught, the same in every epoch, and after it lessons that are drawn anew for each.

    A small model loses old facts while it learns new ones at a high rate; some old ones among the new keep
    them (arXiv 2605.26097 shows that replay takes away the trade-off between rate and forgetting, with
    lessons that the model makes itself; here any lessons will do).
    """

    def __init__(self, loaded: LoadedModel, taught: EncodedItems, lessons: Lessons) -> None:
        """Draw the lessons of the first epoch.

        Args:
            loaded: the model that learns; encodes the lessons.
            taught: what is taught in every epoch.
            lessons: gives the lessons of an epoch.
        """
        self._loaded, self._taught, self._lessons = loaded, taught, lessons
        self._draw(0)

    def set_epoch(self, epoch: int) -> None:
        """Draw the lessons of an epoch."""
        if epoch != self._epoch:
            self._draw(epoch)

    def __len__(self) -> int:
        return len(self._taught) + len(self._replayed)

    def __getitem__(self, index: int) -> Encoded:
        taught = len(self._taught)
        return self._taught[index] if index < taught else self._replayed[index - taught]

    def _draw(self, epoch: int) -> None:
        self._epoch = epoch
        self._replayed = SampleDataset(self._loaded, self._lessons(epoch))
