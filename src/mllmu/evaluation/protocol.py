"""What a protocol decides: which questions are asked, how each is put, and how what is written is read."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from mllmu.benchmark.types import Benchmark, Split, Task
from mllmu.evaluation.questions.items import Item
from mllmu.inference import Stop
from mllmu.models import Conversation, Prompt

if TYPE_CHECKING:
    import pandas as pd


class Part(Enum):
    """What of a question is scored, teacher-forced.

    Attributes:
        OPTIONS: the option texts, in the order of their letters.
        LETTERS: the option letters, in order.
        ANSWER: the reference answer.
        PARAPHRASE: the reference answer in other words.
        WRONG: the wrong answers.
    """

    OPTIONS = "options"
    LETTERS = "letters"
    ANSWER = "answer"
    PARAPHRASE = "paraphrase"
    WRONG = "wrong"


@dataclass(frozen=True)
class Scored:
    """Answers whose likelihood after a prompt is taken."""

    prompt: Conversation | Prompt
    answers: tuple[str, ...]


def as_written(text: str) -> str:
    """Read a text as it is."""
    return text


@dataclass(frozen=True)
class Written:
    """An answer the model is to write.

    Attributes:
        prompt: what it answers.
        max_new_tokens: longest answer, in tokens.
        stop: what ends it before that.
        read: turns the written text into what is recorded: the answer in it, or for a letter the option's
            letter, empty where none can be told.
    """

    prompt: Conversation | Prompt
    max_new_tokens: int
    stop: Stop = Stop.END_TOKEN
    read: Callable[[str], str] = as_written


@dataclass(frozen=True)
class Asking:
    """Everything one question is asked in.

    Attributes:
        prompt: what the record shows as given to the model.
        scored: answers to score; what is left out stays empty in the record.
        response: the free answer (generation, cloze), recorded as `Written.read` reads it.
        letter_response: the letter of an option (classification), recorded as it is and as it is read.
    """

    prompt: Conversation | Prompt
    scored: Mapping[Part, Scored] = field(default_factory=dict)
    response: Written | None = None
    letter_response: Written | None = None


class Questioner(typing.Protocol):
    """Whatever puts questions."""

    @property
    def name(self) -> str:
        """What results call the way in which they are put."""
        ...

    def put(self, item: Item) -> Asking:
        """How a question is put to a model."""
        ...


class Protocol(typing.Protocol):
    """How a benchmark is asked.

    One file or folder in ``mllmu/evaluation/protocols``, or an entry point ``mllmu.protocols``.
    """

    @property
    def name(self) -> str:
        """What results and commands call it."""
        ...

    @property
    def title(self) -> str:
        """One line for lists."""
        ...

    @property
    def headline(self) -> Mapping[Task, str]:
        """The metric that stands for each task in tables and figures."""
        ...

    def items(
        self, benchmark: Benchmark, splits: Sequence[Split], demonstrators: str = "", seed: int = 0
    ) -> dict[int, list[Item]]:
        """What is asked under each split, by forget ratio, set after set, with all that goes with a question.

        All splits of a study are given at once, because who demonstrates may depend on all of them.

        Args:
            benchmark: the people.
            splits: who is forgotten and retained, one per forget ratio.
            demonstrators: who demonstrates, as the user said it; what may be said is the protocol's business,
                and the empty text is its default.
            seed: of whatever the protocol draws.

        Raises:
            UserError: `demonstrators` does not fit, or the benchmark lacks what has to be asked.
        """
        ...

    def check_demonstrators(
        self, benchmark: Benchmark, splits: Sequence[Split], demonstrators: str = "", seed: int = 0
    ) -> None:
        """Refuse what `items` would refuse of `demonstrators`, before anybody is invented.

        Args:
            benchmark: the people, of whom no more need be known than their ids and how many test portraits
                they have; nothing may be asked about them yet.
            splits: as for `items`.
            demonstrators: as for `items`.
            seed: as for `items`.

        Raises:
            UserError: `demonstrators` does not fit, or there are too few people to choose from.
        """
        ...

    def put(self, item: Item) -> Asking:
        """How one of the protocol's items is put to a model."""
        ...

    def write_files(self, records: pd.DataFrame, name: str, folder: Path) -> None:
        """Write what the protocol's users expect beside records and results.

        Args:
            records: of one model under one split.
            name: of the evaluation, for the names of files.
            folder: where to put them.

        Raises:
            UserError: a file cannot be written.
        """
        ...
