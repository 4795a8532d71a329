"""Stage 2: teach the language model and the projector what the base knows; the vision tower is frozen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from corpus import Subject, epoch

from mllmu.models import Encoded, LoadedModel, save_model
from mllmu.training import TrainingSettings, train_items

SAVE_SECONDS = 300


class Lessons:
    """The corpus as a collection that is drawn anew for every epoch."""

    def __init__(self, loaded: LoadedModel, subjects: Sequence[Subject], seed: int) -> None:
        self._loaded, self._subjects, self._seed = loaded, subjects, seed
        self._items = epoch(loaded, subjects, seed, 0)
        self._size = len(self._items)

    def set_epoch(self, number: int) -> None:
        """Draw an epoch; its number of lessons stays that of the first."""
        if number:
            self._items = epoch(self._loaded, self._subjects, self._seed, number)[: self._size]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        return self._items[index]


def train_language(
    loaded: LoadedModel,
    subjects: Sequence[Subject],
    epochs: float,
    batch: int,
    rate: float,
    seed: int,
    out: Path,
) -> None:
    """Train in place, and save now and then what there is."""
    lessons = Lessons(loaded, subjects, seed)
    tokens = sum(len(lessons[i]) for i in range(len(lessons)))
    print(f"language: {len(lessons)} lessons, {tokens} tokens an epoch, {epochs} epochs", flush=True)
    started = saved = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal saved
        now = time.monotonic()
        if done % 200 == 0 or done == total:
            print(f"language {done}/{total} {now - started:.0f}s", flush=True)
        if now - saved > SAVE_SECONDS:
            save_model(loaded, out)
            saved = now

    settings = TrainingSettings(
        epochs=epochs,
        batch_size=batch,
        learning_rate=rate,
        weight_decay=0.02,
        optimizer="muon",
        warmup_ratio=0.03,
        schedule="cosine",
    )
    train_items(loaded, lessons, settings, seed, progress)
