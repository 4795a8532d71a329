"""The stage that measures how much a model's hidden states take from what vanilla knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mllmu.benchmark import Split
from mllmu.evaluation.depth.depth_table import drop_table
from mllmu.evaluation.depth.measured_drops import can_be_patched, measured_drops
from mllmu.evaluation.depth.patching import PatchedAt
from mllmu.evaluation.depth.taught_sample import taught_sample
from mllmu.progress import Progress
from mllmu.source_digest import source_digest
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Workplace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.stages.model_family import model_folder, model_identity
from mllmu.study.pipeline.tables.parquet_table import write_table

DROPS_FILE = "drops.parquet"
_MEASURED_BY = (
    *("mllmu.benchmark", "mllmu.models", "mllmu.training", "mllmu.evaluation.depth"),
    *("mllmu.unlearning.neurons", __name__),
)


def depth_stage(
    title: str,
    opened: OpenedRecipe,
    vanilla: Made,
    source: Made,
    split: Split,
    sample: Mapping[str, int],
) -> Stage:
    """Patch a model into vanilla, question by question and layer by layer.

    Args:
        title: which model it is.
        opened: the recipe.
        vanilla: the model before unlearning, of the same seed.
        source: the retrained or an unlearned model.
        split: whom to forget, or what of them.
        sample: ``people``, ``questions`` and ``seed`` of `taught_sample`, which draws at least one question.
    """

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        samples = taught_sample(opened.benchmark, split.forget, **sample, attributes=split.attributes)
        patched, given = (opened.family.load(model_folder(one.folder)) for one in (vanilla, source))
        of_kind = {at: [one for one in samples if can_be_patched(patched, one, at)] for at in PatchedAt}
        total, done = sum(map(len, of_kind.values())), 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            progress(done, total)

        tables = [
            drop_table(chosen, at.value, measured_drops(patched, given, chosen, at, advance=advance))
            for at, chosen in of_kind.items()
            if chosen
        ]
        write_table(pd.concat(tables, ignore_index=True), workplace.folder / DROPS_FILE)
        return {"questions": total}

    ingredients = {
        "benchmark": opened.benchmark.fingerprint,
        "family": opened.family.fingerprint,
        "vanilla": model_identity(vanilla),
        "source": model_identity(source),
        "forget": list(split.forget),
        **({"attributes": list(split.attributes)} if split.attributes else {}),
        "sample": dict(sample),
        "device": opened.family.device,
    }
    code = source_digest(*_MEASURED_BY)
    return Stage("depth", title, code, ingredients, make)
