"""Protects: a model after further steps is read beside references after the same, where the run has them."""

import shutil

import pytest

from mllmu.evaluation.recoverability import recovery_table
from mllmu.study import measure_depth, measure_recoverability, run
from mllmu.study.finished_run.named_models import named_model, reference_model, treated_reference
from mllmu.study.recoverability import probe_stage
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE
from tests.study.small_runs import RATIO, Diary, brief_recipe, without_statistics

ROUNDED = f"ga-both-int4-forget{RATIO}-seed0"


@pytest.fixture(scope="module")
def rounded_recipe(random_model_folder):
    return brief_recipe(random_model_folder).model_copy(update={"further_steps": {"int4": {}}})


@pytest.fixture(scope="module")
def rounded_run(rounded_recipe, brief_run, tmp_path_factory):
    """The brief run, of which models have 4-bit weights besides."""
    folder = tmp_path_factory.mktemp("rounded") / "run"
    shutil.copytree(brief_run / "stages", folder / "stages")
    with pytest.MonkeyPatch.context() as patch:
        without_statistics(patch)
        return run(rounded_recipe, folder, "cpu").folder


def test_the_same_steps_where_the_recipe_takes_them(rounded_recipe):
    rounded, plain = (named_model(rounded_recipe, name) for name in (ROUNDED, f"ga-both-forget{RATIO}-seed0"))
    for lineage in (RETRAINED_LINEAGE, VANILLA_LINEAGE):
        of_plain = reference_model(rounded_recipe, rounded, lineage)
        assert treated_reference(rounded_recipe, plain, lineage) == of_plain
    of_rounded = treated_reference(rounded_recipe, rounded, RETRAINED_LINEAGE)
    assert of_rounded.lineage.further_steps == "int4" and of_rounded.lineage.model == "retrained"


def test_depth_reads_it_against_the_retrained_model_after_them(rounded_run):
    diary = Diary()
    table = measure_depth(rounded_run, [ROUNDED], 1, 1, device="cpu", display=diary).table
    assert diary.done == [f"depth of retrained-int4-forget{RATIO}-seed0", f"depth of {ROUNDED}"]
    assert set(table["further_steps"]) == {"int4"} and set(table["drawn_people"]) == {1}


def test_probes_go_to_references_after_them(rounded_run, monkeypatch):
    """And an answer may name what anybody is, not only those who were drawn."""
    values = []

    def noted(asked, records, others):
        values.append(others)
        return recovery_table.answer_table(asked, records, others)

    monkeypatch.setattr(probe_stage, "answer_table", noted)
    diary = Diary()
    measure_recoverability(rounded_run, [ROUNDED], people=1, device="cpu", display=diary)
    asked = {title.removeprefix("probe ") for title in diary.done}
    assert {ROUNDED, f"retrained-int4-forget{RATIO}-seed0"} <= asked
    assert all(len(others["profession"]) > 1 for others in values)
