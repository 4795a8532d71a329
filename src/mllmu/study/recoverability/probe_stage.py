"""The stage that asks a model the probes of the questions about people to forget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from mllmu.benchmark.types import Split
from mllmu.evaluation import STRICT, WithoutLetters, ask, asked_in, precision_name
from mllmu.evaluation.recoverability.probes import probe_items, values_by_attribute
from mllmu.evaluation.recoverability.recovery_table import answer_table
from mllmu.inference import TransformersEngine
from mllmu.progress import Progress
from mllmu.source_digest import source_digest
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Workplace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.stages.asking_stages import asking_code
from mllmu.study.pipeline.stages.model_family import model_folder, model_identity
from mllmu.study.pipeline.tables.parquet_table import write_table

ANSWERS_FILE = "answers.parquet"
_JUDGED_BY = ("mllmu.evaluation.recoverability", "mllmu.evaluation.metrics", __name__)
"""What says which answers are right: a stage keeps that, not what was written."""


def probe_stage(title: str, opened: OpenedRecipe, model: Made, split: Split, people: int, seed: int) -> Stage:
    """Ask a model every question and probe, under the protocol ``strict``.

    Args:
        title: which model it is.
        opened: the recipe.
        model: whom to ask, wrappers included.
        split: whom and what to forget.
        people: see `probe_items`, which finds at least one question.
        seed: likewise.
    """
    dtype = asked_in(opened.recipe.evaluation.precision, torch.device(opened.family.device))

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        asked = list(probe_items(opened.benchmark, split, people, seed))
        items = [item for _, probes in asked for item in probes.values()]
        engine = TransformersEngine(opened.family.load(model_folder(model.folder), dtype))
        records = ask(engine, items, WithoutLetters(STRICT), progress)
        answers = answer_table(asked, records, values_by_attribute(opened.benchmark))
        write_table(answers, workplace.folder / ANSWERS_FILE)
        return {"questions": len(items)}

    ingredients = {
        "benchmark": opened.benchmark.fingerprint,
        "family": opened.family.fingerprint,
        "model": model_identity(model),
        "forget": list(split.forget),
        "attributes": list(split.attributes),
        "people": people,
        "seed": seed,
        "device": opened.family.device,
        "precision": precision_name(dtype),
    }
    code = f"{asking_code(STRICT)} {source_digest(*_JUDGED_BY)}"
    return Stage("probing", title, code, ingredients, make)
