"""The task of inspect_ai: a benchmark's questions of one set, modality and form, put as ``strict`` does."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from inspect_ai import Task as InspectTask
from inspect_ai import task as inspect_task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    ContentImage,
    ContentText,
    GenerateConfig,
)

from mllmu.benchmark import EvaluationSet, Modality, Task, load_benchmark
from mllmu.bridges.inspect.inspect_scorers import METRICS_OF, SCORERS, scoring_metadata
from mllmu.errors import UserError
from mllmu.evaluation import STRICT, Item, Written
from mllmu.models import Conversation, Message
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.suggest import unknown

_SIGNATURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
}


@inspect_task(name="questions")
def questions(
    benchmark: str,
    forget: int = 10,
    eval_set: str = "forget",
    modality: str = "image_text",
    task: str = "generation",
    demonstrators: str = "",
    seed: int = 0,
) -> InspectTask:
    """Ask a model what `mllmu evaluate` has models write, and score it by the same metrics.

    Likelihoods are not asked for, which few models behind inspect_ai tell.

    Args:
        benchmark: a folder in the released layout, or a hub id.
        forget: per cent of the people that count as forgotten.
        eval_set: forget, test, retain, celebrity, holdout or trained.
        modality: image_text or text.
        task: classification, cloze or generation.
        demonstrators: who answers questions first; see docs/protocols.md.
        seed: of the draw of demonstrators.

    Raises:
        UserError: there is no such benchmark, set, modality or form of question, or nothing is left to ask.

    Example:
        ::

            inspect eval mllmu/questions -T benchmark=people -T task=cloze --model mllmu/tiny
    """
    for kind, name, names in (
        ("set", eval_set, EvaluationSet),
        ("modality", modality, Modality),
        ("task", task, Task),
    ):
        if name not in (values := [str(one) for one in names]):
            raise unknown(kind, name, values)
    people = load_benchmark(benchmark)
    split = choose_split(people, forget, None)
    items = STRICT.items(people, [split], demonstrators, seed)[split.forget_ratio]
    alike = [item.question for item in items if item.question.task == task]
    chosen = [
        item
        for item in items
        if (item.eval_set.value, item.question.modality.value, item.question.task.value)
        == (eval_set, modality, task)
    ]
    if not chosen:
        there = sorted(
            {f"{item.eval_set} ({item.question.modality})" for item in items if item.question.task == task}
        )
        raise UserError(
            f"{benchmark} has no {task} questions ({modality}) in set {eval_set}; expected one of the sets "
            f"that have some: {', '.join(there) or 'none'}."
        )
    written = _written(chosen[0])
    return InspectTask(
        dataset=MemoryDataset(
            [
                Sample(
                    input=list(_chat(_written(item))),
                    target=item.question.correct_option or item.question.answer,
                    id="/".join(filter(None, (item.question.question_id, item.view))),
                    metadata=scoring_metadata(item.question, alike),
                )
                for item in chosen
            ],
            name=f"{people.name}/{eval_set}",
        ),
        scorer=[SCORERS[name]() for name in METRICS_OF[Task(task)]],
        config=GenerateConfig(max_tokens=written.max_new_tokens, temperature=0.0),
    )


def _written(item: Item) -> Written:
    """What the protocol has a model write for an item."""
    asking = STRICT.put(item)
    written = asking.response or asking.letter_response
    if written is None:
        raise ValueError(f"protocol {STRICT.name} has nothing written for {item.question.question_id}")
    return written


def _chat(written: Written) -> Iterator[ChatMessage]:
    """The conversation before an answer, as inspect_ai has it."""
    if not isinstance(written.prompt, Conversation):
        raise ValueError("a rendered prompt is in one model's format; expected a conversation")
    for message in written.prompt.messages:
        if message.role == "assistant":
            yield ChatMessageAssistant(content=message.text)
        else:
            yield ChatMessageUser(content=[*_images(message), ContentText(text=message.text)])


def _images(message: Message) -> Iterator[ContentImage]:
    for image in message.images:
        kind = next((kind for start, kind in _SIGNATURES.items() if image.startswith(start)), "image/png")
        yield ContentImage(image=f"data:{kind};base64,{base64.b64encode(image).decode()}")
