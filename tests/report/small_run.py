"""A run with one task, given person by person, so that every comparison can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mllmu.report.numbers.scores import Scores

Answers = Mapping[str, Sequence[float]]


def frames(
    answers: Answers, eval_set: str = "forget", modality: str = "text", seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frames of ``results.parquet`` and ``person_scores.parquet``.

    Args:
        answers: model -> share of each person's two cloze questions answered right, in per cent. Models are
            ``vanilla``, ``retrained``, or a method and what it unlearned on, as ``npo:both``; a further step
            follows, as in ``npo:both+int4``.
        eval_set: what was asked.
        modality: how it was asked.
        seed: of the models.
    """
    rows, people = [], []
    for name, values in answers.items():
        before, _, further = name.partition("+")
        method, _, on = before.partition(":")
        cell = {
            "model": "unlearned" if on else before,
            "method": method if on else "",
            "unlearn_modality": on,
            "further_steps": further,
            "forget_ratio": 10,
            "protocol": "strict",
            "seed": seed,
            "benchmark": "0123",
            "eval_set": eval_set,
            "modality": modality,
            "task": "cloze",
            "metric": "cloze_contains",
            "view": "",
        }
        mean = sum(values) / len(values)
        rows.append({**cell, "value": mean, "ci_low": mean - 5, "ci_high": mean + 5, "n": 2 * len(values)})
        people += [
            {**cell, "profile_id": str(person), "value": value, "n": 2} for person, value in enumerate(values)
        ]
    return pd.DataFrame(rows), pd.DataFrame(people)


def joined(*parts: tuple[pd.DataFrame, pd.DataFrame]) -> Scores:
    """The scores of several such frames together."""
    results, people = (pd.concat(each, ignore_index=True) for each in zip(*parts, strict=True))
    return Scores(results, people)
