"""The files that ``eval.py`` leaves, made of records: the same names, keys, order and kinds of numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mllmu.benchmark import EvaluationSet, Modality, Task
from mllmu.benchmark.parquet_layout import FREE_FORM_TYPES
from mllmu.evaluation.metric_registry import get_metric
from mllmu.evaluation.missing_answers import lacks_answer
from mllmu.evaluation.protocols.official.official_questions import SETS
from mllmu.files import atomic_file

if TYPE_CHECKING:
    import pandas as pd

MODES = {
    EvaluationSet.FORGET: "forget",
    EvaluationSet.TEST: "test",
    EvaluationSet.RETAIN: "retain_shared",
    EvaluationSet.CELEBRITY: "retain_celebrity",
}
_SECTIONS = {
    EvaluationSet.FORGET: "Forget Set Results",
    EvaluationSet.TEST: "Test Set Results",
    EvaluationSet.RETAIN: "Retain Set (shared dataset) Results",
    EvaluationSet.CELEBRITY: "Retain Set (real person) Results",
}
_GENERATION = {"ROUGE-1": "rouge1_f", "ROUGE-2": "rouge2_f", "ROUGE-L": "rougeL_f", "BLEU": "bleu"}

Json = dict[str, object]


def write_results(records: pd.DataFrame, name: str, folder: Path) -> None:
    """Write the generations of each set and the numbers of all, byte for byte as the script does.

    Args:
        records: of one model under one forget ratio, asked by protocol ``official``.
        name: what the script calls ``--output_file``.
        folder: what it calls ``--output_folder``.

    Raises:
        UserError: a file cannot be written.
    """
    for eval_set, mode in MODES.items():
        text = json.dumps(generations(records, eval_set), indent=4)
        _write(folder / f"{mode}_generation_results.json", text)
    text = json.dumps(final_results(records), ensure_ascii=False, indent=4)
    _write(folder / f"{name}_final_evaluation_results.json", text)


def generations(records: pd.DataFrame, eval_set: EvaluationSet) -> Json:
    """What the model wrote to the free questions of one set, in the order of asking."""
    asked = records[(records["task"] == Task.GENERATION) & (records["eval_set"] == eval_set)]
    asked = asked[~lacks_answer(asked)]
    columns = (asked[name] for name in ("profile_id", "modality", "question", "response", "answer"))
    keys = ("image_id", "question type", "question", "generated_answer", "ground_truth")
    return {
        "Generation_Questions": [
            dict(zip(keys, (who, FREE_FORM_TYPES[Modality(modality)], *texts), strict=True))
            for who, modality, *texts in zip(*columns, strict=True)
        ]
    }


def final_results(records: pd.DataFrame) -> dict[str, Json]:
    """Accuracies in per cent, ROUGE and BLEU in 0..1, per set, task and modality."""
    return {_SECTIONS[eval_set]: _section(records[records["eval_set"] == eval_set]) for eval_set in SETS}


def _section(asked: pd.DataFrame) -> Json:
    values = {
        (metric, modality): _values(asked, metric, modality)
        for metric in ("cloze_contains", "letter_accuracy", *_GENERATION.values())
        for modality in Modality
    }
    image, text = Modality.IMAGE_TEXT, Modality.TEXT
    return {
        "fill_in_the_blank": {
            "image_textual_accuracy": _accuracy(values["cloze_contains", image]),
            "pure_text_accuracy": _accuracy(values["cloze_contains", text]),
        },
        "classification": {
            "Image-Textual Question Accuracy": _accuracy(values["letter_accuracy", image]),
            "Pure Text Question Accuracy": _accuracy(values["letter_accuracy", text]),
        },
        "generation": {
            f"Average {title} ({FREE_FORM_TYPES[modality]})": _total(scores) / len(scores)
            for modality in (image, text)
            for title, metric in _GENERATION.items()
            if len(scores := values[metric, modality])
        },
    }


def _values(asked: pd.DataFrame, name: str, modality: Modality) -> list[float]:
    metric = get_metric(name)
    rows = asked[asked["task"].isin(metric.tasks) & (asked["modality"] == modality) & ~lacks_answer(asked)]
    return [float(value) for value in metric.compute(rows)]


def _accuracy(values: Sequence[float]) -> float:
    """Per cent right; the integer 0 where nothing was asked, as in the script."""
    right = sum(value > 0 for value in values)
    return (right / len(values)) * 100 if len(values) else 0


def _total(values: Sequence[float]) -> float:
    # One after the other: Python 3.12's sum and numpy's round otherwise than the script's additions.
    total = 0.0
    for value in values:
        total += value
    return total


def _write(path: Path, text: str) -> None:
    with atomic_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
