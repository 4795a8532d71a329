"""Protects the estimate of large runs: the stages are those of the plan, and measures grow as it says."""

import json
from pathlib import Path

import pytest

from mllmu.study import Recipe

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def scale(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import scale

    return scale


def test_seconds_grow_with_the_work_and_models_keep_their_size(scale, tmp_path):
    """Two stages took 30 s for 15 units and hold 4 bytes each; 3 stages of 10 units take 60 s."""
    for number, (seconds, work) in enumerate([(10, 5), (20, 10)]):
        stage = tmp_path / "stages" / str(number)
        stage.mkdir(parents=True)
        manifest = {"kind": "unlearning", "seconds": seconds, "work": work, "files": {"weights": 4}}
        (stage / "manifest.json").write_text(json.dumps(manifest))
    kind = scale.measured_kinds(tmp_path)["unlearning"]
    assert scale.estimate(kind, [10.0] * 3, fixed_size=True) == (60.0, 12.0)
    assert scale.estimate(kind, [10.0] * 3, fixed_size=False) == (60.0, 16.0)


def test_the_plan_is_that_of_so_many_ways_and_seeds(scale):
    """For each of 3 seeds vanilla, one retrained and 4 unlearned models, all of them asked and scored."""
    recipe = scale.large_recipe(Recipe(methods={"npo": {}}), people=1000, ways=4, seeds=3, epochs=2)
    stages = scale.planned_stages(recipe)
    kinds = [stage.kind for stage in stages]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    assert recipe.fine_tuning.epochs == 2 and stages[0].work == 2 * 1000
    assert counts == {"fine_tuning": 6, "unlearning": 12, "asking": 18, "scoring": 18}
    with pytest.raises(Exception, match="3 ways; expected an even number"):
        scale.large_recipe(recipe, people=1000, ways=3, seeds=1, epochs=1)
