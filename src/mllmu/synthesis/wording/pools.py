"""The four pools of templates, read from the YAML files beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from mllmu.benchmark.types import Task

POOLS: tuple[str, ...] = ("training", "original", "paraphrase")
"""Wordings of training questions, of forget/retain/celebrity, and of the test set; none is in two.

The base model is pre-trained on all of them.
"""

WITHHELD = "withheld"
"""The pool of further wordings of the test set that the base model is never pre-trained on."""


@dataclass(frozen=True)
class Wordings:
    """All question and answer templates of one attribute in one pool.

    Attributes:
        generation: pairs of question and the answer sentence that echoes it.
        classification: questions; empty in the training pool.
        cloze: statements with exactly one ``__``; empty in the training pool.
    """

    generation: tuple[tuple[str, str], ...]
    classification: tuple[str, ...] = ()
    cloze: tuple[str, ...] = ()

    def questions(self, task: Task) -> tuple[str, ...]:
        """Give the question templates of a task."""
        if task is Task.GENERATION:
            return tuple(question for question, _ in self.generation)
        return self.classification if task is Task.CLASSIFICATION else self.cloze


@cache
def wordings(pool: str) -> Mapping[str, Wordings]:
    """Give a pool's templates by attribute: of ``POOLS`` or ``WITHHELD``, a file or a folder of files.

    The training pool has two more keys, ``no_pet`` and ``no_medical_conditions``, for people without. Its
    templates come in the order of how often they are to be used.
    """
    here = resources.files(__package__)
    folder = here.joinpath(pool)
    files = sorted(folder.iterdir(), key=str) if folder.is_dir() else [here.joinpath(f"{pool}.yaml")]
    entries = [entry for file in files for entry in yaml.safe_load(file.read_text(encoding="utf-8")).items()]
    return MappingProxyType({attribute: _wordings(entry) for attribute, entry in entries})


def _wordings(entry: Mapping[str, Any]) -> Wordings:
    # Training has one task only, so its files list the pairs right below the attribute.
    pairs = entry.get("generation", entry)
    return Wordings(
        generation=tuple((str(question), str(answer)) for question, answer in dict(pairs).items()),
        classification=tuple(entry.get("classification", ())),
        cloze=tuple(entry.get("cloze", ())),
    )
