"""Protects: a report on several folders holds what each of them has, and mixes nothing up."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.benchmark.types import Benchmark
from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.report.figures.training_figure import COLUMNS
from mllmu.report.numbers.scores import Scores
from mllmu.report.people import sample_people
from mllmu.report.provenance import read_provenance
from mllmu.report.run_folder import TRAINING_LOG_FILE
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.steps import report_folders
from mllmu.study.steps.evaluation_note import write_evaluation_note
from mllmu.study.steps.judging.noted_judge import note_judge
from mllmu.study.steps.report_folders import report_again
from tests.report.conftest import lay_out_run
from tests.report.tables.test_recoverability_grid import recoverability
from tests.report.world import make_results
from tests.report.world_people import make_benchmark

OTHER = "Said to the other protocol."


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    """Whom all folders are about."""
    made = replace(make_benchmark(), fingerprint="0123")  # which the made-up results name
    monkeypatch.setattr(report_folders, "_open", lambda *arguments: made)
    return made


def asked_by_another_protocol(folder: Path, out: Path) -> Path:
    """The same models, asked otherwise, and answering otherwise."""
    shutil.copytree(folder, out)
    for file in (out / "results.parquet", out / "person_scores.parquet"):
        pd.read_parquet(file).assign(protocol="official").to_parquet(file)
    for file in (out / "records").iterdir():
        pd.read_parquet(file).assign(protocol="official", response=OTHER).to_parquet(file)
    return out


def test_answers_to_two_protocols_stand_apart(people: Benchmark, tmp_path: Path) -> None:
    """The same model has records in both folders."""
    strict = lay_out_run(tmp_path / "strict", people, ["npo"])
    official = asked_by_another_protocol(strict, tmp_path / "official")
    report_again([strict, official], None, tmp_path / "both", Display())
    results = pd.read_parquet(tmp_path / "both" / "results.parquet")
    assert len(list((tmp_path / "both" / "records").iterdir())) == 2 * len(
        list((strict / "records").iterdir())
    )
    scores = Scores(results)
    for condition in scores.conditions:
        samples = sample_people(tmp_path / "both" / "records", scores, condition, people)
        assert samples is not None
        texts = {answer.text for card in samples.cards for one in card.exchanges for answer in one.answers}
        assert (OTHER in texts) == (condition.protocol == "official")


def test_a_joined_report_joined_again_keeps_its_names(people: Benchmark, tmp_path: Path) -> None:
    strict = lay_out_run(tmp_path / "strict", people, ["npo"])
    official = asked_by_another_protocol(strict, tmp_path / "official")
    report_again([strict, official], None, tmp_path / "both", Display())
    names = sorted(file.name for file in (tmp_path / "both" / "records").iterdir())
    for again in ("both", "further"):
        report_again([tmp_path / "both"], None, tmp_path / again, Display())
        assert sorted(file.name for file in (tmp_path / again / "records").iterdir()) == names


def test_equally_many_other_questions_are_not_compared(people: Benchmark, tmp_path: Path) -> None:
    """Another sample of the same size, as of another seed; fewer questions about a person are no mistake."""
    first = lay_out_run(tmp_path / "first", people, ["npo"])
    second = lay_out_run(tmp_path / "second", people, ["ga"])
    (second / "results.parquet").unlink()
    results = pd.read_parquet(first / "results.parquet")
    for folder, methods in ((first, ["npo", ""]), (second, ["ga"])):
        rows = (
            results.assign(method=results["method"].replace({"npo": "ga"})) if folder == second else results
        )
        rows[rows["method"].isin(methods)].to_parquet(folder / "results.parquet")
        (folder / "person_scores.parquet").unlink()
    for stem in ("vanilla", "retrained"):
        (second / "records" / f"{stem}-forget10-seed0.parquet").unlink()
    (file,) = (second / "records").iterdir()
    records = pd.read_parquet(file)
    records.iloc[1:].to_parquet(file)
    report_again([first, second], None, tmp_path / "fewer", Display())
    records.assign(question_id=records["question_id"] + "/other").to_parquet(file)
    with pytest.raises(UserError, match="were asked different questions about"):
        report_again([first, second], None, tmp_path / "other", Display())
    assert not (tmp_path / "other").exists()


def test_scores_of_two_judges_are_not_joined(people: Benchmark, tmp_path: Path) -> None:
    """They would stand in one column; a folder that nobody judged may stand beside one that somebody did."""
    strict = lay_out_run(tmp_path / "strict", people, ["npo"])
    official = asked_by_another_protocol(strict, tmp_path / "official")
    note_judge(official, "npo-both-forget10-seed0", "gpt-<b>")
    joint = report_again([strict, official], None, tmp_path / "joint", Display())
    assert "gpt-&lt;b&gt;" in joint.page.read_text()
    note_judge(strict, "npo-both-forget10-seed0", "eval_gpt.py")
    with pytest.raises(UserError, match=r"strict were judged by eval_gpt\.py, and of .*official by gpt"):
        report_again([strict, official], None, tmp_path / "other", Display())
    assert not (tmp_path / "other").exists()
    assert read_provenance(tmp_path / "joint").judges == ("gpt-<b>",)


def test_what_was_measured_later_is_joined_as_well(people: Benchmark, tmp_path: Path) -> None:
    run = lay_out_run(tmp_path / "run", people, ["npo"])
    recoverability().to_parquet(run / "recoverability.parquet")
    report_again([run], None, tmp_path / "again", Display())
    joined = pd.read_parquet(tmp_path / "again" / "recoverability.parquet")
    pd.testing.assert_frame_equal(joined, recoverability())


def test_joining_again_leaves_nothing_of_an_earlier_join(people: Benchmark, tmp_path: Path) -> None:
    """Neither models, nor tables; what else lies in the folder is somebody's own."""
    strict = lay_out_run(tmp_path / "strict", people, ["npo"])
    official = asked_by_another_protocol(strict, tmp_path / "official")
    recoverability().to_parquet(official / "recoverability.parquet")
    write_evaluation_note(official, "npo-both-forget10-seed0", {"precision": "bfloat16"})
    joint = tmp_path / "joint"
    report_again([strict, official], None, joint, Display())
    (joint / "notes.txt").write_text("mine")
    (joint / "tables" / "stale.csv").write_text("old")
    assert (joint / "recoverability.parquet").exists()
    assert read_provenance(joint).precisions == ("bfloat16",)
    report_again([strict], None, joint, Display())
    names = [{file.name for file in (folder / "records").iterdir()} for folder in (joint, strict)]
    assert names[0] == names[1]
    assert read_provenance(joint).precisions == ()
    assert not (joint / "recoverability.parquet").exists() and not (joint / "tables" / "stale.csv").exists()
    assert (joint / "notes.txt").exists() and list((joint / "tables").iterdir())


@pytest.mark.parametrize("out", [None, "again"])
def test_a_report_about_people_who_were_not_asked_is_refused(
    people: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str | None
) -> None:
    run = lay_out_run(tmp_path / "run", people, ["npo"])
    monkeypatch.setattr(report_folders, "_open", lambda *arguments: replace(people, fingerprint="4567"))
    with pytest.raises(
        UserError, match=r"run was evaluated on .* 0123, and .* has 4567; expected the people it was"
    ):
        report_again([run], "others", out and tmp_path / out, Display())
    assert [path.name for path in tmp_path.iterdir()] == ["run"] and not (run / "report.html").exists()


def test_people_of_a_later_ratio_are_shown_with_its_own_seed(people: Benchmark, tmp_path: Path) -> None:
    """Every ratio has seeds of its own, and the smallest of all need not be among them."""
    run = lay_out_run(tmp_path / "run", people, ["npo"])
    results = pd.read_parquet(run / "results.parquet")
    for file in sorted((run / "records").iterdir()):
        file.rename(file.with_name(file.name.replace("seed0", "seed1")))
    both = pd.concat([results.assign(seed=1), results.assign(forget_ratio=5)], ignore_index=True)
    scores = Scores(both)
    (ten,) = (condition for condition in scores.conditions if condition.forget_ratio == 10)
    assert scores.seeds_of(ten) == (1,)
    assert sample_people(run / "records", scores, ten, people) is not None


@pytest.mark.parametrize(
    ("count", "options", "sentence"),
    [
        (2, [], "a report on several folders needs --out, a folder to put it in"),
        (
            2,
            ["--out", "0"],
            "--out 0 is one of the folders to report on; expected another, or it would be lost",
        ),
        (1, [], "0 has no recipe.yaml that says whom it is about; expected --benchmark"),
    ],
)
def test_what_a_report_lacks_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, options: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [str(number) for number in range(count)]
    for number, folder in enumerate(folders):
        Path(folder).mkdir()
        results = make_results(
            ratios=(10,), unlearned_on=("both",), methods=("npo",), sets=("forget",), seeds=(number,)
        )
        results.to_parquet(f"{folder}/results.parquet")
    result = CliRunner().invoke(app, ["report", *folders, *options])
    assert result.exit_code == 2 and sentence in " ".join(result.stderr.split())
    left = sorted(str(path) for path in Path().rglob("*"))
    assert left == sorted([*folders, *(f"{folder}/results.parquet" for folder in folders)])


def test_in_what_models_of_every_folder_were_asked_is_said(people: Benchmark, tmp_path: Path) -> None:
    """A run says it in its stages, which are not joined; an evaluation in its note."""
    run = lay_out_run(tmp_path / "run", people, ["npo"])
    manifest = run / "stages" / f"{2:020d}" / "manifest.json"
    stage = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**stage, "ingredients": {"precision": "float32"}}), encoding="utf-8")
    other = asked_by_another_protocol(run, tmp_path / "other")
    shutil.rmtree(other / "stages")
    write_evaluation_note(other, "npo-both-forget10-seed0", {"precision": "bfloat16"})
    for folders in ([run, other], [other, run]):
        joint = report_again(folders, None, tmp_path / "joint", Display()).page.parent
        assert read_provenance(joint).precisions == ("bfloat16", "float32")


def test_an_evaluation_is_not_written_over(people: Benchmark, tmp_path: Path) -> None:
    """Its answers would be gone; a folder that joined others before is taken, and says which."""
    first = lay_out_run(tmp_path / "npo", people, ["npo"])
    second = asked_by_another_protocol(first, tmp_path / "official")
    third = lay_out_run(tmp_path / "kl_min", people, ["kl_min"])
    before = sorted(third.rglob("*"))
    with pytest.raises(UserError, match="which such a report would write over"):
        report_again([first, second], None, third, Display())
    assert sorted(third.rglob("*")) == before
    for _ in range(2):
        report_again([first, second], None, tmp_path / "both", Display())
    assert (tmp_path / "both" / "report_of.txt").read_text(encoding="utf-8") == f"{first}\n{second}\n"


def test_damaged_answers_are_named_by_where_they_lie(people: Benchmark, tmp_path: Path) -> None:
    """Not by the folder in which the report was made, which is gone."""
    run = lay_out_run(tmp_path / "run", people, ["npo"])
    damaged = run / "records" / "npo-both-forget10-seed0.parquet"
    damaged.write_bytes(b"damaged")
    with pytest.raises(UserError) as told:
        report_again([run], None, tmp_path / "out", Display())
    assert str(damaged) in str(told.value)
    assert ".tmp-" not in str(told.value)
    assert not (tmp_path / "out").exists()


def test_trainings_of_one_name_stay_apart_and_one_of_both_folders_is_one(
    people: Benchmark, tmp_path: Path
) -> None:
    """Two models called alike were trained otherwise; vanilla was trained once, and both have its log."""
    first = lay_out_run(tmp_path / "first", people, ["npo"])
    second = asked_by_another_protocol(first, tmp_path / "second")
    columns = dict.fromkeys(COLUMNS, 0.1)
    for folder, losses in ((first, [4.0, 3.0]), (second, [9.0, 8.0])):
        same = [{**columns, "model": "vanilla", "training": "", "passes": n / 2, "loss": 1.0} for n in (1, 2)]
        own = [
            {**columns, "model": "npo", "training": "", "passes": n / 2, "loss": loss}
            for n, loss in enumerate(losses, 1)
        ]
        if folder == first:  # what one of its trainings noted is a column of all
            own = [{**each, "retain_loss": 0.5} for each in own]
        pd.DataFrame([*same, *own]).to_parquet(folder / TRAINING_LOG_FILE)
    report_again([first, second], None, tmp_path / "both", Display())
    log = pd.read_parquet(tmp_path / "both" / TRAINING_LOG_FILE)
    steps = {model: list(part["loss"]) for model, part in log.groupby("model", sort=False)}
    assert steps == {"vanilla": [1.0, 1.0], "npo": [4.0, 3.0], f"npo ({second})": [9.0, 8.0]}
