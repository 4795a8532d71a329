"""Protocol ``strict``: every question is put alike to every model, and an answer counts whatever its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mllmu.benchmark.types import Benchmark, Question, Split, Task
from mllmu.evaluation.protocol import Asking, Part, Scored, Written
from mllmu.evaluation.protocols.strict import strict_prompts as prompts
from mllmu.evaluation.protocols.strict.letters import read_letter
from mllmu.evaluation.protocols.strict.strict_demonstrators import choose_demonstrators, demonstrate
from mllmu.evaluation.questions.items import Item
from mllmu.evaluation.questions.question_sets import question_sets
from mllmu.models import Conversation, Message

if TYPE_CHECKING:
    import pandas as pd

_GENERATION_TOKENS = 40
_CLOZE_TOKENS = 16
# Room for "The correct answer is B"; a model that writes the letter at once ends there.
_LETTER_TOKENS = 8


class Strict:
    """The protocol ``strict``; see docs/protocols.md for what it does otherwise than ``official``, and why.

    Classification is asked in two forms: without its options, whose texts are then scored as answers, and
    with them, for a letter. The first stands in tables, because it is right for small models.
    """

    name = "strict"
    title = "every question alike for every model; options judged by likelihood and by letter"
    headline: Mapping[Task, str] = MappingProxyType(
        {
            Task.CLASSIFICATION: "option_likelihood_accuracy",
            Task.CLOZE: "cloze_contains",
            Task.GENERATION: "rougeL_f",
        }
    )

    def items(
        self, benchmark: Benchmark, splits: Sequence[Split], demonstrators: str = "", seed: int = 0
    ) -> dict[int, list[Item]]:
        """All questions with all portraits of their set, except those of the people who demonstrate.

        See `Protocol.items`; `choose_demonstrators` says what `demonstrators` may be.
        """
        people = choose_demonstrators(benchmark, splits, demonstrators, seed)
        unscored = {profile.profile_id for profile in people}
        return {
            split.forget_ratio: [
                replace(item, demonstrations=demonstrate(item, people))
                for items in question_sets(benchmark, split).values()
                for item in items
                if item.question.profile_id not in unscored
            ]
            for split in splits
        }

    def check_demonstrators(
        self, benchmark: Benchmark, splits: Sequence[Split], demonstrators: str = "", seed: int = 0
    ) -> None:
        """See `Protocol.check_demonstrators`."""
        choose_demonstrators(benchmark, splits, demonstrators, seed)

    def put(self, item: Item) -> Asking:
        """See `Protocol.put`."""
        if item.question.task == Task.CLASSIFICATION:
            return _choice(item)
        return _free_text(item) if item.question.task == Task.GENERATION else _blank(item)

    def write_files(self, records: pd.DataFrame, name: str, folder: Path) -> None:
        """See `Protocol.write_files`: nothing, records and results hold everything."""


STRICT = Strict()


def _choice(item: Item) -> Asking:
    """By the likelihood of the option texts, by that of the letters, and by a written letter."""
    options = item.question.options
    letters = tuple(sorted(options))
    short = _conversation(item, prompts.short_answer_prompt, lambda question: question.answer)
    listed = _conversation(item, prompts.letter_prompt, lambda question: question.correct_option)
    return Asking(
        short,
        {
            Part.OPTIONS: Scored(short, tuple(options[letter] for letter in letters)),
            Part.LETTERS: Scored(listed, letters),
        },
        letter_response=Written(listed, _LETTER_TOKENS, read=partial(read_letter, options=options)),
    )


def _free_text(item: Item) -> Asking:
    """A written sentence, and the likelihood of true and false ones."""
    question = item.question
    prompt = _conversation(item, prompts.generation_prompt, lambda question: question.answer)
    scored = {Part.ANSWER: Scored(prompt, (question.answer,))}
    if question.paraphrased_answer and question.wrong_answers:
        scored[Part.PARAPHRASE] = Scored(prompt, (question.paraphrased_answer,))
        scored[Part.WRONG] = Scored(prompt, question.wrong_answers)
    return Asking(prompt, scored, Written(prompt, _GENERATION_TOKENS))


def _blank(item: Item) -> Asking:
    """What fills the blank, written, and the likelihood of what should."""
    prompt = _conversation(item, prompts.cloze_prompt, lambda question: question.answer)
    scored = {Part.ANSWER: Scored(prompt, (item.question.answer,))}
    return Asking(prompt, scored, Written(prompt, _CLOZE_TOKENS))


def _conversation(
    item: Item, wording: Callable[[Question], str], answer: Callable[[Question], str]
) -> Conversation:
    """The demonstrations, each a question and its answer, and then the question itself."""
    messages = []
    for shown in item.demonstrations:
        messages.append(_asked(wording(shown.question), shown.image))
        messages.append(Message("assistant", answer(shown.question)))
    return Conversation((*messages, _asked(wording(item.question), item.image)))


def _asked(text: str, image: bytes | None) -> Message:
    return Message("user", text, () if image is None else (image,))
