"""Asking a model all items of a protocol: items in, records out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import pandas as pd

from mllmu.benchmark.types import Task
from mllmu.evaluation.item_progress import in_items
from mllmu.evaluation.protocol import Asking, Part, Questioner, Written
from mllmu.evaluation.questions.items import Item, distinct_items
from mllmu.evaluation.recorded_extras import extras_of, require_extras, require_scored_answers
from mllmu.evaluation.records import COLUMNS
from mllmu.inference import Engine, Extra, Request, TokenScores
from mllmu.models import Conversation, Prompt
from mllmu.progress import Progress

_LOG = logging.getLogger(__name__)
_UNSCORED = TokenScores((), (), ())


@dataclass(frozen=True)
class _Answers:
    """What came back for one item.

    Attributes:
        scores: of each part that was scored, answer by answer.
        response: the free answer as the model wrote it; None where none was asked for, or it is missing.
        letter_response: the letter as the model wrote it; None as for the response.
    """

    scores: Mapping[Part, Sequence[TokenScores]]
    response: str | None
    letter_response: str | None


def ask(
    engine: Engine,
    items: Sequence[Item],
    protocol: Questioner,
    progress: Progress | None = None,
    record: Collection[Extra] = (),
) -> pd.DataFrame:
    """Ask every item and record the answers, in the order of the items (see `records.SCHEMA`).

    Where the engine cannot score, what is to be scored stays empty, and metrics that need it have no value.
    An answer that the engine did not get is null (see `missing_answers.lacks_answer`).

    Args:
        engine: asks the model.
        items: what the protocol asks.
        protocol: how they are put.
        progress: called with the items done and the items there are.
        record: what else is recorded of every reference answer that is scored.

    Raises:
        UserError: the engine cannot tell what is to be recorded, or the protocol scores no reference answers.
        ValueError: two items have one key although they differ.

    Example:
        ::

            records = ask(TransformersEngine(load_model("tiny")), items, get_protocol("strict"))
            write_records(records, Path("records.parquet"))
    """
    distinct_items([items])  # raises where one record could be taken for another
    if record:
        require_extras(record, engine.extras)
        require_scored_answers(record, protocol, items)
    askings = [protocol.put(item) for item in items]
    if not engine.can_score and any(asking.scored for asking in askings):
        _LOG.warning("The model's likelihoods cannot be had; metrics that need them are left out.")
        askings = [replace(asking, scored={}) for asking in askings]
    to_score = [
        Request(scored.prompt, answer, extras=extras_of(item, part, record))
        for item, asking in zip(items, askings, strict=True)
        for part, scored in asking.scored.items()
        for answer in scored.answers
    ]
    to_write = [
        Request(written.prompt, max_new_tokens=written.max_new_tokens, stop=written.stop)
        for asking in askings
        for written in _written(asking)
    ]
    requests = len(to_score) + len(to_write)
    scores = engine.score(to_score, in_items(progress, len(items), requests))
    starts = _starts(to_score, scores)
    texts = engine.generate(
        to_write,
        [starts.get(request.prompt) for request in to_write],
        in_items(progress, len(items), requests, before=len(to_score)),
    )
    waiting_scores, waiting_texts = iter(scores), iter(texts)
    rows = []
    for item, asking in zip(items, askings, strict=True):
        answers = _Answers(
            {part: [next(waiting_scores) for _ in scored.answers] for part, scored in asking.scored.items()},
            next(waiting_texts) if asking.response else None,
            next(waiting_texts) if asking.letter_response else None,
        )
        given, parts = engine.render(asking.prompt).text, _answer_parts(engine, item, asking)
        rows.append(_record(item, asking, answers, protocol.name, given, parts))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _written(asking: Asking) -> list[Written]:
    """What the model is to write for one item, in the order in which `ask` takes it back."""
    return [written for written in (asking.response, asking.letter_response) if written]


def _starts(
    requests: Sequence[Request], scores: Sequence[TokenScores]
) -> dict[Conversation | Prompt, TokenScores]:
    """For each prompt, the scores that tell most of how its greedy answer begins.

    Of several answers scored after one prompt (the letters of the options) that is the one whose tokens are
    the argmax for longest.
    """

    def tokens_foretold(one: TokenScores) -> int:
        return sum(1 for _ in takewhile(bool, one.is_argmax))

    best: dict[Conversation | Prompt, TokenScores] = {}
    for request, one in zip(requests, scores, strict=True):
        so_far = best.get(request.prompt)
        if so_far is None or tokens_foretold(one) > tokens_foretold(so_far):
            best[request.prompt] = one
    return best


def _answer_parts(engine: Engine, item: Item, asking: Asking) -> list[str]:
    """What each token of a scored reference answer does; of generation alone, the others have no sentence."""
    question, scored = item.question, asking.scored.get(Part.ANSWER)
    if question.task is not Task.GENERATION or scored is None:
        return []
    parts = engine.answer_parts(scored.prompt, question.text, scored.answers[0], question.value)
    return [part.value for part in parts]


def _record(
    item: Item, asking: Asking, answers: _Answers, protocol: str, given: str, parts: Sequence[str]
) -> dict[str, object]:
    """One row of the records."""
    question = item.question

    def scores_of(part: Part) -> Sequence[TokenScores]:
        return answers.scores.get(part, ())

    letters = sorted(question.options)
    # The end token is left out: whether a model stops says nothing about which option it believes.
    options = [sum(one.log_probs[:-1]) for one in scores_of(Part.OPTIONS)]
    lengths = [len(one.log_probs) - 1 for one in scores_of(Part.OPTIONS)]
    answer = next(iter(scores_of(Part.ANSWER)), _UNSCORED)
    paraphrase = next(iter(scores_of(Part.PARAPHRASE)), _UNSCORED)
    return {
        "profile_id": question.profile_id,
        "question_id": question.question_id,
        "view": item.view,
        "image_digest": item.image_digest,
        "demonstrators": list(item.demonstrators),
        "eval_set": item.eval_set.value,
        "modality": question.modality.value,
        "task": question.task.value,
        "attribute": question.attribute,
        "wording": question.wording,
        "protocol": protocol,
        "question": question.text,
        "prompt": given,
        "answer": question.answer,
        "value": question.value,
        "response": _read(asking.response, answers.response),
        "options": [question.options[letter] for letter in letters],
        "option_letters": letters,
        "correct_option": question.correct_option,
        "option_log_probs": options,
        "option_lengths": lengths,
        # All tokens of a letter: some tokenizers give the space before it a token of its own.
        "letter_log_probs": [sum(one.log_probs[:-1]) for one in scores_of(Part.LETTERS)],
        "letter_response": answers.letter_response,
        "chosen_letter": _read(asking.letter_response, answers.letter_response),
        "answer_log_probs": list(answer.log_probs),
        "answer_is_argmax": list(answer.is_argmax),
        "answer_parts": list(parts),
        "answer_log_prob_means": [mean for mean, _ in answer.moments],
        "answer_log_prob_deviations": [deviation for _, deviation in answer.moments],
        "answer_gradient_norm": answer.gradient_norm,
        "paraphrase_log_probs": list(paraphrase.log_probs),
        "wrong_log_probs": [list(one.log_probs) for one in scores_of(Part.WRONG)],
        "judge_score": None,
    }


def _read(written: Written | None, text: str | None) -> str | None:
    """What a written text is read as; empty where nothing was to be written, None where it is missing."""
    if written is None:
        return ""
    return None if text is None else written.read(text)
