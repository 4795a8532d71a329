"""Protects: a run gives everything it promises, goes on after a kill, and gives the same bytes again."""

import json
import re
import shutil
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.study import load_recipe, run
from mllmu.study.pipeline.stages import model_stages as stages_module
from mllmu.study.steps import run_recipe
from tests.study.small_runs import RATIO, Diary, contents, recipe, remove_stage, without_statistics


@pytest.fixture(scope="module")
def finished(small_run):
    """The finished run, and the diary of making it."""
    return small_run


def test_leaves_what_a_run_promises(finished, random_model_folder):
    folder = finished[0].folder
    assert load_recipe(folder / "recipe.yaml") == recipe(random_model_folder)
    assert sorted(path.name for path in (folder / "records").iterdir()) == [
        f"npo-both-forget{RATIO}-seed0.parquet",
        f"prompting-both-forget{RATIO}-seed0.parquet",
        f"retrained-forget{RATIO}-seed0.parquet",
        f"vanilla-forget{RATIO}-seed0.parquet",
    ]
    assert (folder / "report.html").stat().st_size > 1000
    compared = pd.read_parquet(folder / "comparisons.parquet")
    assert set(compared[["model", "against"]].itertuples(index=False, name=None)) == {
        ("vanilla", "retrained"),
        ("retrained", "vanilla"),
        ("unlearned", "retrained"),
        ("unlearned", "vanilla"),
    }
    people = pd.read_parquet(folder / "person_scores.parquet")
    cells = ["model", "method", "eval_set", "modality", "task", "metric", "view"]
    scores = pd.read_parquet(folder / "results.parquet").set_index(cells)["n"]
    asked = people.groupby(cells)["n"].sum()
    assert (asked == scores.loc[asked.index]).all()
    assert {path.suffix for path in (folder / "tables").iterdir()} == {".md", ".tex"}
    trained = pd.read_parquet(folder / "training_log.parquet").groupby("model")["step"].max()
    assert trained.to_dict() == {
        f"npo-both-forget{RATIO}-seed0": 8,
        f"retrained-forget{RATIO}-seed0": 30,
        f"vanilla-forget{RATIO}-seed0": 30,
    }
    assert not list(folder.rglob(".tmp-*"))


def test_the_report_says_in_what_was_asked_and_who_for_letters(finished):
    """Vanilla learned too little to name letters, so that nobody else was asked for them."""
    page = (finished[0].folder / "report.html").read_text(encoding="utf-8")
    facts = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page))
    assert "Asked in float32 Letters of options asked of Vanilla alone" in facts
    results = pd.read_parquet(finished[0].results_file)
    by_letter = results[results["metric"].str.startswith("letter_") & results["value"].notna()]
    assert set(by_letter["model"]) == {"vanilla"}


def test_results_are_tidy_and_complete(finished):
    results = pd.read_parquet(finished[0].results_file)
    who = ["model", "method", "unlearn_modality", "forget_ratio", "seed", "protocol"]
    who += ["further_steps", "benchmark"]
    what = ["eval_set", "modality", "task", "metric", "view"]
    assert list(results.columns) == [*who, *what, "value", "ci_low", "ci_high", "n", "n_people", "missing"]
    whose = set(results[["model", "method", "unlearn_modality"]].itertuples(index=False, name=None))
    assert whose == {
        ("vanilla", "", ""),
        ("retrained", "", ""),
        ("unlearned", "npo", "both"),
        ("unlearned", "prompting", "both"),
    }
    cells = results[(results.metric == "option_likelihood_accuracy") & (results.model == "vanilla")]
    # People per set times five classification questions per modality; of the test set's, some are withheld.
    asked = dict(cells[cells.modality == "text"][["eval_set", "n"]].itertuples(index=False, name=None))
    assert 0 < asked.pop("withheld") < 10
    assert asked == {
        "forget": 10,
        "test": 10,
        "retain": 20,
        "celebrity": 10,
        "holdout": 10,
    }
    bounded = results[results.ci_low.notna()]
    assert (bounded.ci_low <= bounded.value + 1e-9).all()
    assert (bounded.value <= bounded.ci_high + 1e-9).all()


def test_second_run_does_nothing_and_changes_nothing(finished, random_model_folder):
    folder = finished[0].folder
    before, diary = contents(folder), Diary()
    run(recipe(random_model_folder), folder, "cpu", diary)
    assert diary.done == []
    assert len(diary.found) == len(finished[1].done) == diary.expected[-1]
    assert contents(folder) == before


def test_what_a_kill_left_anywhere_in_the_folder_is_gone_after_the_next_run(copied, random_model_folder):
    before = contents(copied)
    for place in (".tmp-1-results.parquet", "records/.tmp-2-vanilla.parquet", "tables/.tmp-3-scores.md"):
        (copied / place).write_text("half")
    (copied / "stages" / ".tmp-4-abc").mkdir()
    other = copied / ".tmp-5-model"  # of a command that makes something in this folder
    other.write_text("half")
    run(recipe(random_model_folder), copied, "cpu")
    assert other.read_text() == "half"
    other.unlink()
    assert contents(copied) == before
    assert not list(copied.rglob(".tmp-*"))


def test_another_recipe_that_fails_leaves_no_results_of_the_old_one(
    finished, random_model_folder, tmp_path, monkeypatch
):
    """They would be shown under the new recipe's people; the old recipe gets them back from the stages."""
    folder = tmp_path / "run"
    shutil.copytree(finished[0].folder, folder)
    before = contents(folder)
    (folder / "recoverability.parquet").write_bytes(b"of the old recipe")
    with monkeypatch.context() as patch:
        patch.setattr(stages_module, "fine_tune", Mock(side_effect=UserError("nothing was learned")))
        with pytest.raises(UserError, match="nothing was learned"):
            run(recipe(random_model_folder, seeds=[1]), folder, "cpu")
    assert not (folder / "results.parquet").exists()
    assert not (folder / "report.html").exists()
    assert not (folder / "person_scores.parquet").exists()
    assert not (folder / "comparisons.parquet").exists()
    assert not (folder / "recoverability.parquet").exists()
    assert not list((folder / "records").glob("*")) and not list((folder / "tables").glob("*"))
    diary = Diary()
    run(recipe(random_model_folder), folder, "cpu", diary)
    assert diary.done == []
    assert contents(folder) == before


def test_a_run_that_was_held_up_writes_nothing_beside_another_recipe(
    copied, random_model_folder, monkeypatch
):
    """As after Ctrl-Z: the other run saw no living one, and made the folder its own."""
    taken = b"methods: {}\n"

    def taken_over(*arguments):
        (copied / "recipe.yaml").write_bytes(taken)
        (copied / "results.parquet").write_bytes(b"of the other")
        return carry_out(*arguments)

    carry_out = run_recipe.carry_out
    monkeypatch.setattr(run_recipe, "carry_out", taken_over)
    with pytest.raises(UserError, match=r"a run of another recipe took .* over; nothing was written"):
        run(recipe(random_model_folder), copied, "cpu")
    assert (copied / "recipe.yaml").read_bytes() == taken
    assert (copied / "results.parquet").read_bytes() == b"of the other"


def test_celebrities_are_rehearsed_only_by_the_model_that_knows_them(random_model_folder, tmp_path):
    wanted = recipe(random_model_folder)
    wanted.fine_tuning = wanted.fine_tuning.model_copy(update={"rehearsal": 2})
    with pytest.raises(UserError, match=r"'rehearsal' is 2, and model .* has never read"):
        run(wanted, tmp_path, "cpu")


def test_run_that_was_killed_goes_on_and_ends_with_the_same_numbers(copied, random_model_folder, monkeypatch):
    """Killed while a model forgets; what was done before stays as it was, and everything later is made."""
    before, npo = contents(copied), f"npo-both-forget{RATIO}-seed0"
    unlearned = f"unlearn {RATIO} % with npo on both (seed 0)"
    later = [unlearned, f"ask {npo}", f"score {npo}", "write the report"]
    for title in later:
        remove_stage(copied, title)
    (copied / "results.parquet").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(stages_module, "unlearn", Mock(side_effect=KeyboardInterrupt))
        first = Diary()
        with pytest.raises(KeyboardInterrupt):
            run(recipe(random_model_folder), copied, "cpu", first)
    assert first.done == []
    assert not (copied / "results.parquet").exists()
    assert not list(copied.rglob(".tmp-*"))

    second = Diary()
    run(recipe(random_model_folder), copied, "cpu", second)
    assert second.done == later
    assert second.found[: len(first.found)] == first.found
    after = contents(copied)
    # How long a stage took is not the same again.
    timed = {name for name in before if name.endswith(("manifest.json", "report.html"))}
    assert {name: after[name] for name in after.keys() - timed} == {
        name: before[name] for name in before.keys() - timed
    }


@pytest.fixture
def copied(finished, tmp_path):
    """The finished run's folder, to change."""
    return Path(shutil.copytree(finished[0].folder, tmp_path / "copy"))


def test_one_more_method_redoes_only_what_is_new(copied, random_model_folder, monkeypatch):
    methods = {**recipe(random_model_folder).methods, "ga": {"passes": 0.1, "precision": "float32"}}
    diary = Diary()
    without_statistics(monkeypatch)
    run(recipe(random_model_folder, methods=methods), copied, "cpu", diary)
    assert diary.done == [
        f"unlearn {RATIO} % with ga on both (seed 0)",
        f"ask ga-both-forget{RATIO}-seed0",
        f"score ga-both-forget{RATIO}-seed0",
        "write the report",
    ]


def test_vanilla_is_asked_once_for_all_ratios(copied, random_model_folder, monkeypatch):
    diary = Diary()
    changed = recipe(random_model_folder, forget_ratios=[RATIO, 50], methods={"prompting": {}})
    without_statistics(monkeypatch)
    run(changed, copied, "cpu", diary)
    assert diary.expected[-1] == len(diary.done) + len(diary.found)
    asked = [title for title in diary.done if title.startswith("ask ")]
    assert sum("vanilla" in title for title in asked) == 1
    assert sum("prompting" in title for title in asked) == 1
    manifests = [json.loads(path.read_text()) for path in copied.glob("stages/*/manifest.json")]
    questions = [one["facts"]["questions"] for one in manifests if one["title"].startswith("ask vanilla")]
    # 6 people, 2 celebrities, 2 holdout people, and whoever is forgotten once more as test, pictures with
    # two portraits, what can be seen in eight questions, and what they were taught: first under one ratio,
    # then under both.
    first, second = _taught(copied, RATIO), _taught(copied, 50)
    whole = [first, {**first, **second}]
    assert sorted(questions) == [18 * 10 + (27 + 8) * len(taught) + sum(taught.values()) for taught in whole]


def test_the_same_people_demonstrate_to_every_model_and_are_not_scored(
    copied, random_model_folder, monkeypatch
):
    """At every ratio; nothing but asking and what follows from it is done again."""
    changed = recipe(random_model_folder, demonstrators="draw:1", methods={"prompting": {}})
    diary = Diary()
    without_statistics(monkeypatch)
    run(changed, copied, "cpu", diary)
    assert {title.split()[0] for title in diary.done} == {"ask", "score", "write"}
    shown = set()
    for path in sorted((copied / "records").glob("*.parquet")):
        records = pd.read_parquet(path)
        (ids,) = set(map(tuple, records.demonstrators))
        assert not set(ids) & set(records.profile_id)
        assert (records.eval_set == "retain").sum() == 18 * 3
        shown.add(ids)
    assert len(shown) == 1


def test_a_mistake_in_who_demonstrates_is_told_before_anything_is_trained(random_model_folder, tmp_path):
    diary = Diary()
    with pytest.raises(UserError, match="unknown demonstrator '999'"):
        run(recipe(random_model_folder, demonstrators="999"), tmp_path, "cpu", diary)
    assert diary.done == []  # not even people


def _taught(folder, ratio):
    """How many questions of fine-tuning are asked about each person to forget."""
    records = pd.read_parquet(folder / "records" / f"vanilla-forget{ratio}-seed0.parquet")
    return records[records.eval_set == "trained"].groupby("profile_id").size().to_dict()


def _forgotten(folder, ratio):
    records = pd.read_parquet(folder / "records" / f"vanilla-forget{ratio}-seed0.parquet")
    return set(records[records.eval_set == "forget"].profile_id)
