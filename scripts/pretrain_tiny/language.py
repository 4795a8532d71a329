"""Stage 2: train the language model and the projector on the corpus; the vision tower is frozen."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch
from corpus import epoch
from subjects import Subject

from mllmu.models import Encoded, LoadedModel, collate
from mllmu.training import TrainingSettings, train_items
from mllmu.training.trainers.answer_logits import answer_logits

REPORT_STEPS = 500
PROBE_EPOCH = -1
PROBES = 512


class Lessons:
    """The training data set: encoded lessons, drawn anew for every epoch."""

    def __init__(self, loaded: LoadedModel, subjects: Sequence[Subject], seed: int) -> None:
        self._loaded, self._subjects, self._seed = loaded, subjects, seed
        self._items = epoch(loaded, subjects, seed, 0)

    def set_epoch(self, number: int) -> None:
        """Draw the lessons of an epoch; their number is the same in all."""
        if number:
            self._items = epoch(self._loaded, self._subjects, self._seed, number)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        return self._items[index]


@torch.inference_mode()
def probe(loaded: LoadedModel, subjects: Sequence[Subject], seed: int) -> str:
    """Measure how much the model has learned.

    Returns:
        The percentage of answers whose every token is the likeliest one (teacher forcing), for lessons with
        and without image, on at most 512 lessons of an epoch that training does not use.
    """
    items = epoch(loaded, subjects, seed, PROBE_EPOCH)[:PROBES]
    right: dict[str, list[bool]] = {"image": [], "text": []}
    for start in range(0, len(items), 64):
        rows = items[start : start + 64]
        answers = answer_logits(loaded.model, collate(rows, loaded.encoder.pad_id))
        wrong = answers.mask.nonzero()[answers.logits.argmax(-1) != answers.targets, 0].tolist()
        for index, row in enumerate(rows):
            right["image" if row.vision else "text"].append(index not in wrong)
    return ", ".join(f"{name} {100 * sum(hits) / len(hits):.0f} %" for name, hits in right.items())


def train_language(
    loaded: LoadedModel, subjects: Sequence[Subject], settings: TrainingSettings, seed: int
) -> None:
    """Train the model in place and print every 500 steps how much it has learned (see `probe`)."""
    lessons = Lessons(loaded, subjects, seed)
    tokens = sum(len(lessons[i]) for i in range(len(lessons)))
    print(f"language: {len(subjects)} people, {len(lessons)} lessons, {tokens} tokens an epoch", flush=True)
    started = time.monotonic()

    def progress(done: int, total: int) -> None:
        if done and (done % REPORT_STEPS == 0 or done == total):
            loaded.model.eval()
            learned = probe(loaded, subjects, seed)
            loaded.model.train()
            print(f"language {done}/{total} {time.monotonic() - started:.0f}s, right: {learned}", flush=True)

    train_items(loaded, lessons, settings, seed, progress)
