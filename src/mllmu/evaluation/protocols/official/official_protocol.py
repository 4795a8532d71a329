"""Protocol ``official``: the published evaluation, question for question (arXiv 2410.22108, ``eval.py``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mllmu.benchmark import Benchmark, Split, Task
from mllmu.errors import UserError
from mllmu.evaluation.protocol import Asking, Written
from mllmu.evaluation.protocols.official import official_prompts as prompts
from mllmu.evaluation.protocols.official.draws import Draw, draw
from mllmu.evaluation.protocols.official.official_demonstrators import settled, write_demonstrators
from mllmu.evaluation.protocols.official.official_files import write_results
from mllmu.evaluation.protocols.official.official_questions import official_items
from mllmu.evaluation.protocols.official.reading import read_letter, read_text
from mllmu.evaluation.questions.items import Item
from mllmu.inference import Stop

if TYPE_CHECKING:
    import pandas as pd

_NEW_TOKENS = 50


@dataclass(frozen=True)
class Official:
    """The official evaluation of one model family; see docs/fidelity.md for what equals what.

    Attributes:
        name: what results and commands call it.
        title: one line for lists.
        cloze_people: how many people demonstrate cloze questions.
        text_letter_tokens: longest answer to a multiple-choice question without a picture, in tokens.
    """

    name: str
    title: str
    cloze_people: int
    text_letter_tokens: int

    @property
    def headline(self) -> Mapping[Task, str]:
        """See `Protocol.headline`."""
        return _HEADLINE

    def items(
        self, benchmark: Benchmark, splits: Sequence[Split], demonstrators: str = "", seed: int = 0
    ) -> dict[int, list[Item]]:
        """What ``eval.py`` asks, each split being one call of it with `random` seeded by `seed`.

        See `Protocol.items`; `settled` says what `demonstrators` may be.
        """
        return {
            split.forget_ratio: list(
                official_items(benchmark, split, self._draw(benchmark, split, demonstrators, seed))
            )
            for split in splits
        }

    def check_demonstrators(
        self, benchmark: Benchmark, splits: Sequence[Split], demonstrators: str = "", seed: int = 0
    ) -> None:
        """See `Protocol.check_demonstrators`."""
        for split in splits:
            self._draw(benchmark, split, demonstrators, seed)

    def _draw(self, benchmark: Benchmark, split: Split, demonstrators: str, seed: int) -> Draw:
        """What chance gives for one split, with what the user said in its place."""
        if split.attributes:
            raise UserError(
                f"protocol {self.name!r} asks the published questions about whole people, and here "
                f"{', '.join(split.attributes)} alone is to be forgotten; expected protocol 'strict'"
            )
        counts = {Task.CLASSIFICATION: 1, Task.CLOZE: self.cloze_people}
        drawn = draw(benchmark, split, counts, seed)
        said = demonstrators.strip()
        return settled(drawn, said, benchmark, counts) if said else drawn

    def put(self, item: Item) -> Asking:
        """See `Protocol.put`."""
        if item.question.task is Task.CLASSIFICATION:
            prompt = prompts.classification_prompt(item)
            letters = prompts.option_letters(item.question)
            tokens = self.text_letter_tokens if item.image is None else _NEW_TOKENS
            # One character decides, unless it begins an "ASSISTANT:" of the model's own, which is cut off.
            letter = Written(prompt, tokens, Stop.FIRST_WORD, partial(read_letter, prompt, letters))
            return Asking(prompt, letter_response=letter)
        cloze = item.question.task is Task.CLOZE
        prompt = prompts.cloze_prompt(item) if cloze else prompts.generation_prompt(item)
        return Asking(prompt, response=Written(prompt, _NEW_TOKENS, read=partial(read_text, prompt)))

    def write_files(self, records: pd.DataFrame, name: str, folder: Path) -> None:
        """See `Protocol.write_files`: the script's files, and who demonstrated to whom."""
        write_results(records, name, folder)
        write_demonstrators(records, folder)


_HEADLINE: Mapping[Task, str] = MappingProxyType(
    {Task.CLASSIFICATION: "letter_accuracy", Task.CLOZE: "cloze_contains", Task.GENERATION: "rougeL_f"}
)
OFFICIAL = Official(
    "official", "the published evaluation, number for number", cloze_people=2, text_letter_tokens=_NEW_TOKENS
)
OFFICIAL_IDEFICS2 = Official(
    "official_idefics2",
    "the published evaluation as it treats Idefics2",
    cloze_people=1,
    text_letter_tokens=5,
)
