"""Asking a model the questions of an evaluation set: items in, records out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from mllmu.benchmark.types import Task
from mllmu.evaluation.metrics.options import likeliest
from mllmu.evaluation.progress import in_items
from mllmu.evaluation.protocols import Protocol, Wording
from mllmu.evaluation.records import COLUMNS
from mllmu.evaluation.sets import Item
from mllmu.inference import Engine, Request, TokenScores
from mllmu.models import Conversation, user_turn
from mllmu.progress import Progress


@dataclass
class _Plan:
    """What is asked for one item, and where its answers will be found in the list of all that is scored.

    Attributes:
        item: the question.
        prompt: what its main form tells the model.
        places: slices of the list of scored requests, by what was scored.
        new_tokens: longest answer to write; 0 where nothing is written.
    """

    item: Item
    prompt: Conversation
    places: dict[str, slice] = field(default_factory=dict)
    new_tokens: int = 0


def ask(
    engine: Engine,
    items: Sequence[Item],
    protocol: Protocol,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Ask every item and record the answers, in the order of the items (see `records.SCHEMA`).

    Args:
        engine: asks the model.
        items: questions with their pictures.
        protocol: how they are put.
        progress: called with the items done and the items there are.
    """
    to_score: list[Request] = []
    plans = [_plan(item, protocol, to_score) for item in items]
    writing = [plan for plan in plans if plan.new_tokens]
    requests = len(to_score) + len(writing)
    scores = engine.score(to_score, in_items(progress, len(items), requests))
    written = engine.generate(
        [Request(plan.prompt, max_new_tokens=plan.new_tokens) for plan in writing],
        [scores[plan.places["answer"]][0] for plan in writing],
        in_items(progress, len(items), requests, before=len(to_score)),
    )
    responses = iter(written)
    rows = []
    for plan in plans:
        given = engine.render(plan.prompt).text
        rows.append(_record(plan, protocol, given, scores, next(responses) if plan.new_tokens else ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _plan(item: Item, protocol: Protocol, to_score: list[Request]) -> _Plan:
    """Append what is scored for one item to `to_score`, and note where."""
    question = item.question

    def prompt_of(wording: Wording) -> Conversation:
        return user_turn(wording(question), () if item.image is None else (item.image,))

    def score(what: str, prompt: Conversation, answers: Sequence[str]) -> None:
        plan.places[what] = slice(len(to_score), len(to_score) + len(answers))
        to_score.extend(Request(prompt, answer) for answer in answers)

    if question.task == Task.CLASSIFICATION:
        plan = _Plan(item, prompt_of(protocol.option_likelihood))
        letters = sorted(question.options)
        score("options", plan.prompt, [question.options[letter] for letter in letters])
        if protocol.letter_likelihood:
            score("letters", prompt_of(protocol.letter_likelihood), letters)
    elif question.task == Task.GENERATION:
        plan = _Plan(item, prompt_of(protocol.generation), new_tokens=protocol.generation_tokens)
        score("answer", plan.prompt, [question.answer])
        if question.paraphrased_answer and question.wrong_answers:
            score("paraphrase", plan.prompt, [question.paraphrased_answer])
            score("wrong", plan.prompt, question.wrong_answers)
    else:
        plan = _Plan(item, prompt_of(protocol.cloze), new_tokens=protocol.cloze_tokens)
        score("answer", plan.prompt, [question.answer])
    return plan


def _record(
    plan: _Plan, protocol: Protocol, given: str, scores: Sequence[TokenScores], response: str
) -> dict[str, object]:
    """One row of the records."""
    question = plan.item.question

    def found(what: str) -> Sequence[TokenScores]:
        return scores[plan.places[what]] if what in plan.places else ()

    letters = sorted(question.options)
    # The end token is left out: whether a model stops says nothing about which option it believes.
    options = [sum(one.log_probs[:-1]) for one in found("options")]
    lengths = [len(one.log_probs) - 1 for one in found("options")]
    answer = next(iter(found("answer")), TokenScores((), (), ()))
    paraphrase = next(iter(found("paraphrase")), TokenScores((), (), ()))
    return {
        "profile_id": question.profile_id,
        "question_id": question.question_id,
        "eval_set": plan.item.eval_set.value,
        "modality": question.modality.value,
        "task": question.task.value,
        "attribute": question.attribute,
        "protocol": protocol.name,
        "question": question.text,
        "prompt": given,
        "answer": question.answer,
        "value": question.value,
        "response": response,
        "options": [question.options[letter] for letter in letters],
        "correct_option": question.correct_option,
        "chosen_option": letters[likeliest(options, lengths)] if options else "",
        "option_log_probs": options,
        "option_lengths": lengths,
        # All tokens of a letter: some tokenizers give the space before it a token of its own.
        "letter_log_probs": [sum(one.log_probs[:-1]) for one in found("letters")],
        "answer_log_probs": list(answer.log_probs),
        "answer_is_argmax": list(answer.is_argmax),
        "paraphrase_log_probs": list(paraphrase.log_probs),
        "wrong_log_probs": [list(one.log_probs) for one in found("wrong")],
    }
