"""Protects: the plan is what is counted, shown and done; nothing is planned by hand a second time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mllmu.study import Recipe, forecast_run
from mllmu.study.pipeline.forecast.time_estimate import measure_pace
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.pipeline.run_plan import Planner, in_order


def recipe(**changes: Any) -> Recipe:
    given = {"methods": ["npo", "prompting"], "forget_ratios": [5, 10], "seeds": [0, 1]}
    return Recipe.model_validate({**given, **changes})


def test_every_model_comes_after_the_one_it_is_made_of() -> None:
    """Per seed one vanilla; per ratio one retrained and two unlearned, which come from vanilla."""
    models = plan_models(recipe())
    assert len(models) == 2 * (1 + 2 * (1 + 2))
    for place, model in enumerate(models):
        assert model.parent is None or model.parent in models[:place]
    stems = [model.file_stem(ratio) for model in models for ratio in model.judged_under]
    assert len(set(stems)) == len(stems) == 2 * 2 * 4


def test_what_is_planned_is_counted_without_opening_anything() -> None:
    """People and report aside: 14 models, of which all but vanilla's twin under 10 % are asked apart."""
    planner = Planner(recipe(), "cpu", people=100, others=40)
    models = planner.models()
    judging = planner.judging(models, {})
    stages = in_order([*models.values(), *judging.values()])
    kinds = [stage.kind for stage in stages]
    assert [kinds.count(kind) for kind in ("fine_tuning", "unlearning", "asking", "scoring")] == [
        6,
        8,
        14,
        16,
    ]
    for place, stage in enumerate(stages):
        assert all(needed in stages[:place] for needed in stage.needs)


def test_work_counts_passes_and_steps_that_take_their_place() -> None:
    """100 people for 3 epochs, 95 of them retained; 5 to forget for 2 passes; steps cost alike."""

    def works(**fine_tuning: int) -> dict[str, float]:
        wanted = recipe(
            methods={"npo": {"passes": 2}, "prompting": {}},
            forget_ratios=[5],
            seeds=[0],
            fine_tuning=fine_tuning,
        )
        models = Planner(wanted, "cpu", people=100, others=0).models()
        return {(one.lineage.method or one.lineage.model): stage.work for one, stage in models.items()}

    by_epochs = works(epochs=3)
    assert by_epochs == pytest.approx({"vanilla": 300, "retrained": 285, "npo": 10, "prompting": 5})
    by_steps = works(epochs=3, max_steps=60, batch_size=50)
    assert by_steps["vanilla"] == by_steps["retrained"] == 60 * 50 / 30


def test_askings_that_record_more_are_not_timed_by_those_that_do_not() -> None:
    """Nor any other stage by what is recorded."""

    def scales(**evaluation: list[str]) -> dict[str, set[str]]:
        planner = Planner(recipe(evaluation=evaluation), "cpu", people=100, others=40)
        stages = in_order(planner.judging(planner.models(), {}).values())
        kinds = {stage.kind for stage in stages}
        return {kind: {stage.scale for stage in stages if stage.kind == kind} for kind in kinds}

    plain, recorded = scales(), scales(record=["gradient_norms"])
    assert {kind for kind in plain if plain[kind] != recorded[kind]} == {"asking"}


def test_models_with_equal_answers_are_asked_once() -> None:
    """Prompting leaves the weights alone: one asking for both of its ratios."""
    planner = Planner(recipe(seeds=[0]), "cpu", people=100, others=40)
    models = planner.models()
    prints = {
        model: "prompted" if model.lineage.method == "prompting" else f"{model.title} {model.forget_ratio}"
        for model in models
    }
    judging = planner.judging(models, prints)
    asking = [stage for stage in in_order(judging.values()) if stage.kind == "asking"]
    assert len(asking) == len(set(prints.values())) == 6


def test_every_model_is_read_against_the_references_of_its_split_and_seed() -> None:
    planner = Planner(recipe(), "cpu", people=100, others=40)
    for candidate, scoring in planner.judging(planner.models(), {}).items():
        asked, reference, vanilla = scoring.needs
        seed, ratio = candidate.planned.seed, candidate.forget_ratio
        assert reference.title == f"ask retrained-forget{ratio}-seed{seed}"
        assert vanilla.title.startswith("ask vanilla-") and vanilla.title.endswith(f"seed{seed}")
        assert asked.title.endswith(f"seed{seed}")


def test_after_a_further_step_a_model_is_read_against_the_references_after_the_same() -> None:
    """What rounding does to anybody is not what a method left."""
    planner = Planner(recipe(seeds=[0], forget_ratios=[10], further_steps=["int4"]), "cpu", 100, 40)
    judging = planner.judging(planner.models(), {})
    read = {each.name: [stage.title for stage in scoring.needs[1:]] for each, scoring in judging.items()}
    for name, beside in read.items():
        step = "-int4" if "int4" in name else ""
        assert beside == [f"ask retrained{step}-forget10-seed0", f"ask vanilla{step}-forget10-seed0"], name
    assert len(read) == 8


def test_a_forecast_makes_nothing_and_says_what_is_not_known(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "new"
    stages = forecast_run(recipe(), out, "cpu")
    assert not out.exists()
    assert not any(stage.is_done for stage in stages)
    assert {stage.seconds for stage in stages} == {None}
    assert [stages[0].kind, stages[-1].kind] == ["synthesis", "report"]
    assert len(stages) == 1 + 44 + 1


def test_time_is_estimated_from_what_was_measured_in_the_folders_beside(tmp_path: Path) -> None:
    """Twice 100 people in 30 s and 50 s: 0.4 s each; a damaged or older note says nothing."""
    for number, (seconds, kind) in enumerate([(30, "asking"), (50, "asking"), (7, "other")]):
        folder = tmp_path / "runs" / "old" / "stages" / str(number)
        folder.mkdir(parents=True)
        note = {"kind": kind, "scale": "tiny on cpu", "work": 100, "seconds": seconds}
        (folder / "manifest.json").write_text(str(note).replace("'", '"'))
    broken = tmp_path / "runs" / "old" / "stages" / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    pace = measure_pace(tmp_path / "runs" / "new")
    assert pace.seconds("asking", "tiny on cpu", 10) == pytest.approx(4)
    assert pace.seconds("asking", "large on cuda", 10) is None
    assert pace.seconds("fine_tuning", "tiny on cpu", 10) is None
