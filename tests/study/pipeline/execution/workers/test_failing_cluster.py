"""Protects: what goes wrong on a cluster is told in one sentence, and the cluster is let go of."""

import shutil
import sys

import pytest

from mllmu.errors import UserError
from mllmu.study import run
from mllmu.study.pipeline.execution.workers import ray_executor
from tests.study.pipeline.execution.workers.fake_ray import FakeRay, NodeDiedError, RayError
from tests.study.small_runs import brief_recipe, contents, remove_stage


@pytest.fixture
def refused(random_model_folder, monkeypatch):
    """Run a recipe on a fake cluster, on which it fails; what is said."""

    def call(ray, folder):
        for name, module in ray.modules.items():
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(ray_executor, "find_spec", lambda name: name)
        with pytest.raises(UserError) as caught:
            run(brief_recipe(random_model_folder), folder, "cpu", cluster="auto")
        assert not ray.is_connected
        return str(caught.value)

    return call


def test_a_cluster_that_does_not_answer_leaves_everything_as_it_was(refused, tmp_path):
    """An earlier run of another recipe there as well, whose results would be taken away for this one's."""
    ray = FakeRay(unreachable=ConnectionError("nobody there"))
    said = "no Ray cluster answers at 'auto': nobody there; expected auto, HOST:PORT or ray://HOST:PORT"
    assert refused(ray, tmp_path / "new") == said
    assert not (tmp_path / "new").exists()
    earlier = tmp_path / "earlier"
    (earlier / "stages").mkdir(parents=True)
    (earlier / "recipe.yaml").write_text("methods: [ga]")
    (earlier / "results.parquet").write_bytes(b"results")
    before = contents(earlier)
    assert refused(ray, earlier) == said
    assert contents(earlier) == before


def test_a_machine_that_cannot_run_the_package_is_named(refused, tmp_path):
    ray = FakeRay("alpha", failures={"sees": RayError("No module named 'mllmu'")})
    said = refused(ray, tmp_path / "run")
    assert said == "alpha cannot run mllmu: No module named 'mllmu'; expected it installed there too"
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["recipe.yaml", "stages"]
    assert not list((tmp_path / "run" / "stages").iterdir())


def test_a_stage_that_no_machine_can_make_is_named(refused, brief_run, tmp_path):
    """A machine that is lost while it is looked at is none of the cluster's any more."""
    folder = shutil.copytree(brief_run, tmp_path / "run")
    remove_stage(folder, "fine-tune vanilla (seed 0)")
    ray = FakeRay("alpha", failures={"sees": NodeDiedError(), "do_task": RayError("out of memory")})
    assert refused(ray, folder) == (
        "fine-tune vanilla (seed 0): no machine of the cluster could make it in 4 tries: out of memory; "
        "expected memory for a stage on every core or GPU"
    )
    assert not list(folder.glob("**/*.lock")) and not list(folder.glob(".seen-*"))
