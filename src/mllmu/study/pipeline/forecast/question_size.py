"""How many tokens the questions of a benchmark take, told without a model's weights."""

from __future__ import annotations

import io

from PIL import Image

from mllmu.benchmark import Benchmark
from mllmu.models import LoadedModel, chat_prompt
from mllmu.training.memory_estimate import QuestionSize

_QUESTIONS = 15
"""Training questions about each person, as the release has them: 15.4 on average."""
_LONGEST = (
    "Where does the person in this image live, and what is this person's profession there?",
    "The person in this image lives in Thessaloniki, Greece, and works as a structural engineer.",
)
"""About the longest that is taught, where nobody is there yet to be asked about."""


def questions_of_each(benchmark: Benchmark | None) -> float:
    """How many training questions there are about each person, on average."""
    if benchmark is None or not benchmark.profiles:
        return float(_QUESTIONS)
    people = benchmark.profiles.values()
    return sum(len(one.training_questions) for one in people) / len(people)


def longest_question(outline: LoadedModel, benchmark: Benchmark | None, image_size: int) -> QuestionSize:
    """The size of the longest training question, with the portrait that it is about.

    Args:
        outline: the model, with its processor; weights are not read.
        benchmark: the people; None if they are still to be made.
        image_size: side of the portraits that will be made, in pixels.

    Raises:
        UserError: if the model cannot be shown the question.
    """
    question, answer, portrait = *_LONGEST, b""
    taught = [
        (one.question, one.answer, person.image)
        for person in (benchmark.profiles.values() if benchmark else ())
        for one in person.training_questions
    ]
    if taught:
        question, answer, portrait = max(taught, key=lambda one: len(one[0]) + len(one[1]))
    portrait = portrait or _plain(image_size)
    shown = outline.encoder.encode(chat_prompt(outline.processor, question, (portrait,)), answer)
    alone = outline.encoder.encode(chat_prompt(outline.processor, question), answer)
    return QuestionSize(
        picture=max(0, len(shown) - len(alone)),
        text=len(alone),
        answer=int(alone.answer_mask.sum()),
        pixels=outline.encoder.picture(portrait).size(),
    )


def _plain(size: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (size, size)).save(stream, "PNG")
    return stream.getvalue()
