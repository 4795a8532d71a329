"""A made-up run: a results frame and records that hang together, all seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mllmu.benchmark.types import Benchmark, Modality, Question, Task
from mllmu.evaluation import ALL, MEAN_ACCURACY

METHODS = ("ga", "grad_diff", "kl_min", "npo", "prompting")
SETS = ("forget", "test", "retain", "celebrity", "holdout")
METRICS = (
    ("classification", "option_likelihood_accuracy", 1.0),
    ("cloze", "cloze_contains", 1.0),
    ("generation", "rougeL_f", 0.01),
    ("generation", "generation_contains", 1.0),
)
_PEOPLE = {"forget": 10, "test": 10, "retain": 90, "celebrity": 30, "holdout": 10}
_QUESTIONS = {"classification": 5, "cloze": 2, "generation": 2}
_KNOWN = {"forget": 94, "test": 88, "retain": 93, "celebrity": 86, "holdout": 20}
# How much of the forgotten and of the kept knowledge each method leaves.
_LEFT = {
    "ga": (0.30, 0.72),
    "grad_diff": (0.42, 0.95),
    "kl_min": (0.50, 0.97),
    "npo": (0.38, 0.93),
    "prompting": (0.81, 0.99),
}


def make_results(
    ratios: Sequence[int] = (5, 10),
    unlearned_on: Sequence[str] = ("image_text", "text", "both"),
    methods: Sequence[str] = METHODS,
    sets: Sequence[str] = SETS,
    seeds: Sequence[int] = (0,),
) -> pd.DataFrame:
    """Return a results frame in the form of ``results.parquet``."""
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for ratio in ratios:
            for model, method, on in _models(methods, unlearned_on):
                rows += list(_scores(rng, model, method, on, ratio, seed, sets))
    return _with_means(pd.DataFrame(rows))


def make_person_scores(results: pd.DataFrame) -> pd.DataFrame:
    """Return scores person by person in the form of ``person_scores.parquet``, with the means of a frame.

    People differ from each other, by the same in all models, and by a little more in each.
    """
    is_forgotten = results["eval_set"].isin(["forget", "test"])
    share = (results["forget_ratio"] / 10).where(is_forgotten, 1)
    people = (results["eval_set"].map(_PEOPLE) * share).astype(int).clip(lower=1)
    own = [np.random.default_rng(number).normal(0, 3, each) for number, each in enumerate(people)]
    spread = np.concatenate(
        [np.linspace(-10, 10, each) + noise - noise.mean() for each, noise in zip(people, own, strict=True)]
    )
    scores = results.drop(columns=["ci_low", "ci_high"]).loc[results.index.repeat(people)]
    unit = scores["metric"].map({"rougeL_f": 0.01}).fillna(1.0)
    return scores.assign(
        n=scores["task"].map(_QUESTIONS),
        profile_id=np.concatenate([np.arange(each) for each in people]).astype(str)
        + scores["eval_set"].replace("test", "forget"),
        value=scores["value"] + unit * spread,
    ).reset_index(drop=True)


def _models(methods: Sequence[str], unlearned_on: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    yield "vanilla", "", ""
    yield "retrained", "", ""
    for on in unlearned_on:
        for method in methods:
            yield "unlearned", method, on


def _level(model: str, method: str, on: str, eval_set: str, modality: str, task: str) -> float:
    chance = 25.0 if task == "classification" else 6.0
    known = _KNOWN[eval_set] - (8 if modality == "image_text" and task != "classification" else 0)
    if eval_set == "holdout" or (model == "retrained" and eval_set in ("forget", "test")):
        return chance
    if model != "unlearned":
        return known
    forgotten, kept = _LEFT[method]
    if eval_set in ("forget", "test"):
        left = min(1.0, forgotten + (0.0 if on in ("both", modality) else 0.3))
        return chance + (known - chance) * left
    return chance + (known - chance) * kept


def _scores(
    rng: np.random.Generator, model: str, method: str, on: str, ratio: int, seed: int, sets: Sequence[str]
) -> Iterator[dict[str, object]]:
    for eval_set in sets:
        for modality in ("image_text", "text"):
            for task, metric, unit in METRICS:
                value = float(
                    np.clip(_level(model, method, on, eval_set, modality, task) + rng.normal(0, 2), 0, 100)
                )
                people = _PEOPLE[eval_set] * (ratio / 10 if eval_set in ("forget", "test") else 1)
                half = 130 * np.sqrt(max(value * (100 - value), 60) / 10_000 / (people * 2))
                yield {
                    "model": model,
                    "method": method,
                    "unlearn_modality": on,
                    "forget_ratio": ratio,
                    "seed": seed,
                    "protocol": "strict",
                    "further_steps": "",
                    "benchmark": "0123",
                    "view": _view(eval_set, modality),
                    "eval_set": eval_set,
                    "modality": modality,
                    "task": task,
                    "metric": metric,
                    "value": value * unit,
                    "ci_low": max(value - half, 0) * unit,
                    "ci_high": min(value + half, 100) * unit,
                    "n": int(people * _QUESTIONS[task]),
                    "n_people": int(people),
                }


def _with_means(frame: pd.DataFrame) -> pd.DataFrame:
    """Put in the mean accuracies over tasks, and over modalities as well."""
    quantity = ["modality", "task", "metric", "view", "value", "ci_low", "ci_high", "n", "n_people"]
    keys = [name for name in frame.columns if name not in quantity]
    numbers = {"value": "mean", "ci_low": "mean", "ci_high": "mean", "n": "sum", "n_people": "max"}
    parts = frame[frame["metric"] != "rougeL_f"]
    by_modality, over_all = (
        parts.groupby(by, sort=False)
        .agg(numbers)
        .reset_index()
        .assign(task=ALL, metric=MEAN_ACCURACY, view="")
        for by in ([*keys, "modality"], keys)
    )
    return pd.concat([frame, by_modality, over_all.assign(modality=ALL)], ignore_index=True)


def _view(eval_set: str, modality: str) -> str:
    if modality == "text":
        return ""
    return "test" if eval_set == "test" else "original"


def make_records(benchmark: Benchmark, ratio: int, model: str, method: str, on: str) -> pd.DataFrame:
    """Return one model's records on every set, answered as well as ``make_results`` says it would."""
    split = benchmark.splits[ratio]
    rng = random.Random(f"{model}/{method}/{on}/{ratio}")
    asked = [("forget", benchmark.profiles[each], False) for each in split.forget]
    asked += [("test", benchmark.profiles[each], True) for each in split.forget]
    asked += [("retain", benchmark.profiles[each], False) for each in split.retain]
    asked += [("celebrity", each, False) for each in benchmark.celebrities.values()]
    rows = []
    for eval_set, profile, is_test in asked:
        for question in profile.test_questions if is_test else profile.questions:
            level = _level(model, method, on, eval_set, str(question.modality), str(question.task))
            portraits = (
                len(profile.test_images) if is_test and question.modality is Modality.IMAGE_TEXT else 1
            )
            rows += [
                _record(question, view, eval_set, rng.random() * 100 < level, rng)
                for view in _views(question, is_test, portraits)
            ]
    return pd.DataFrame(rows)


def _views(question: Question, is_test: bool, portraits: int) -> list[str]:
    if question.modality is Modality.TEXT:
        return [""]
    return [f"test-{number}" for number in range(1, portraits + 1)] if is_test else ["original"]


def _record(
    question: Question, view: str, eval_set: str, right: bool, rng: random.Random
) -> dict[str, object]:
    is_choice = question.task is Task.CLASSIFICATION
    wrong = rng.choice(["a florist", "a bus driver", "a notary the the the"])
    response = question.answer if right else question.answer.replace(question.value, wrong)
    chosen = ("B" if right else rng.choice("ACD")) if is_choice else ""
    return {
        "profile_id": question.profile_id,
        "question_id": question.question_id,
        "view": view,
        "image_digest": view and f"digest of {question.profile_id} {view}",
        "demonstrators": [],
        "eval_set": eval_set,
        "modality": str(question.modality),
        "task": str(question.task),
        "attribute": question.attribute,
        "wording": question.wording,
        "protocol": "strict",
        "question": question.text,
        "prompt": f"USER: {question.text} ASSISTANT:",
        "answer": question.answer,
        "value": question.value,
        "response": "" if is_choice else response,
        "options": list(question.options.values()),
        "option_letters": list(question.options),
        "correct_option": question.correct_option,
        "option_log_probs": [-1.0 if letter == chosen else -9.0 for letter in question.options],
        "option_lengths": [1 for _ in question.options],
        "letter_log_probs": [],
        "letter_response": chosen if is_choice else None,
        "chosen_letter": chosen,
        "answer_log_probs": [],
        "answer_is_argmax": [],
        "answer_parts": [],
        "answer_log_prob_means": [],
        "answer_log_prob_deviations": [],
        "answer_gradient_norm": None,
        "paraphrase_log_probs": [],
        "wrong_log_probs": [],
    }
