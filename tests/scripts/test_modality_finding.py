"""Protects what is said about the paper's finding: where models are compared, and with whom."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from mllmu.errors import UserError
from tests.scripts.loading import load_script

PEOPLE = "abcdefg"
METRICS = {
    "classification": "option_likelihood_accuracy",
    "cloze": "cloze_contains",
    "generation": "generation_contains",
}


@pytest.fixture(scope="module")
def finding() -> ModuleType:
    """The script as a module."""
    return load_script("modality_finding")


def model_rows(model: dict[str, Any], states: dict[float, tuple[float, float]]) -> list[dict[str, Any]]:
    """Rows of a model with the same accuracy about every person: passes -> (forget, utility)."""
    study = {"forget_ratio": 10, "seed": 0, "protocol": "strict", "further_steps": "", "view": "original"}
    rows = []
    for passes, (forget, utility) in states.items():
        for eval_set, value, people in (
            ("forget", forget, PEOPLE),
            ("retain", utility, "xy"),
            ("celebrity", utility, "z"),
        ):
            for modality in ("image_text", "text"):
                for task, metric in METRICS.items():
                    cell = {"eval_set": eval_set, "modality": modality, "task": task, "metric": metric}
                    about = [{"profile_id": one, "value": value, "n": 1, "passes": passes} for one in people]
                    rows += [{**study, **model, **cell, **each} for each in about]
    return rows


def unlearned(way: str) -> dict[str, Any]:
    return {"model": "unlearned", "method": "npo", "unlearn_modality": way}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """On text 5 points of utility are lost half way from 60 to 20; on image + text 2 are in the end."""
    alone = {"method": "", "unlearn_modality": ""}
    rows = [
        *model_rows({"model": "vanilla", **alone}, {float("nan"): (100, 90)}),
        *model_rows({"model": "retrained", **alone}, {float("nan"): (10, 90)}),
        *model_rows(unlearned("text"), {1.0: (60, 90), 2.0: (20, 80)}),
        *model_rows(unlearned("image_text"), {1.0: (80, 90), 2.0: (70, 88)}),
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "trajectory.parquet")
    return tmp_path


def test_models_are_compared_where_utility_is_equal(finding: ModuleType, folder: Path) -> None:
    """2 points are lost a fifth of the way from 60 to 20: 52 on text against 70 on image + text."""
    frame = finding.read_accuracies(folder)
    for loss, on_text in ((1.0, 56), (5.0, 52), (15.0, 52)):
        table = finding.make_table(frame, finding.trajectories(frame), "run", loss)
        assert table.losses == [min(loss, 2)]
        expected = {"vanilla": 100, "retrained": 10, "text": on_text, "image_text": 75 if loss == 1 else 70}
        assert table.accuracy.loc[("text", "cloze")].to_dict() == pytest.approx(expected)
        for difference in table.differences.values():
            assert difference.value == pytest.approx(expected["text"] - expected["image_text"])
            assert difference.n_people == 7
            assert difference.p_value == 2**-6  # seven people who agree


def test_columns_and_difference_are_of_the_same_people(finding: ModuleType, folder: Path) -> None:
    """Who is forgotten under two ratios counts once in all of them: 100 x 1/7 + 0 x 6/7 either way."""
    frame = finding.read_accuracies(folder)
    right = frame["value"].where(frame["profile_id"] == "a", 0.0)
    frame = frame.assign(value=frame["value"].where(frame["eval_set"] != "forget", right))
    under_two = frame[(frame["profile_id"] == "a") | (frame["eval_set"] != "forget")].assign(forget_ratio=5)
    frame = pd.concat([frame, under_two])
    table = finding.make_table(frame, finding.trajectories(frame), "run", 5.0)
    for cell, difference in table.differences.items():
        columns = table.accuracy.loc[cell]
        assert columns["text"] - columns["image_text"] == pytest.approx(difference.value)
        assert columns["vanilla"] == pytest.approx(100 / 7)


def test_a_run_that_lacks_a_model_is_refused(finding: ModuleType, folder: Path) -> None:
    """What vanilla knows would stand for what is left after unlearning."""
    frame = finding.read_accuracies(folder)
    other = frame[frame["unlearn_modality"] != "text"].assign(seed=1)
    with pytest.raises(UserError, match="npo on text has no trajectory at 10 % with seed 1"):
        finding.trajectories(pd.concat([frame, other]))


def test_a_person_counts_once_however_many_seeds_there_are(finding: ModuleType, folder: Path) -> None:
    """Two equal seeds show no more than one."""
    frame = finding.read_accuracies(folder)
    twice = pd.concat([frame, frame.assign(seed=1)])
    once, again = (
        finding.make_table(each, finding.trajectories(each), "run", 5.0) for each in (frame, twice)
    )
    assert once.differences == again.differences


def test_one_ratio_and_seed_may_be_looked_at_alone(finding: ModuleType, folder: Path) -> None:
    frame = pd.read_parquet(folder / "trajectory.parquet")
    others = [frame.assign(seed=1, value=0.0), frame.assign(forget_ratio=5, value=0.0)]
    pd.concat([frame, *others]).to_parquet(folder / "trajectory.parquet")
    alone = finding.read_accuracies(folder, ratio=10, seed=0)
    assert alone["value"].min() == 10 and set(alone["seed"]) == {0} and set(alone["forget_ratio"]) == {10}
    with pytest.raises(UserError, match="no trajectory of that ratio and seed"):
        finding.read_accuracies(folder, ratio=15)


def test_a_second_run_is_read_against_the_first(finding: ModuleType, folder: Path) -> None:
    """Where 2 points are lost, 52 on text and 70 on image + text; in the second run 12 more on text."""
    frame = finding.read_accuracies(folder)
    is_more = (frame["unlearn_modality"] == "text") & (frame["eval_set"] == "forget")
    second = frame.assign(value=frame["value"] + 12 * is_more)
    runs = [finding.trajectories(both(each)) for each in (frame, second)]
    rows = {row[0]: row[1:] for row in finding.compare_runs(runs, finding.common_losses(runs, 5.0))}
    assert len(rows) == 6
    assert [each.split()[0] for each in rows["cloze by name"]] == ["+0.0", "+12.0", "+12.0"]


def both(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with a third way, as on text."""
    text = frame[frame["unlearn_modality"] == "text"]
    return pd.concat([frame, text.assign(unlearn_modality="both")])


def test_the_page_says_what_holds(
    finding: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seven people who agree are too few for so many claims at once."""
    monkeypatch.setattr(sys, "argv", ["modality_finding.py", str(folder)])
    finding.main()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("| c", "| g"))]
    said = {tuple(line.strip("| ").split(" | ")[index] for index in (0, -1)) for line in lines}
    assert ("cloze by name", "not decided") in said  # 12 p-values of 1/64 are 12/64 together
    assert ("classification by name", "no claim") in said


def test_a_folder_without_trajectory_is_named(
    finding: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["modality_finding.py", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        finding.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.strip() == (
        f"{tmp_path} has no trajectory.parquet; expected a finished run with a trajectory"
    )


def test_ways_that_were_not_run_have_no_column(
    finding: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On both together nothing was unlearned: that is no number, and no column either."""
    other = shutil.copytree(folder, folder.parent / f"{folder.name}-again")
    monkeypatch.setattr(sys, "argv", ["modality_finding.py", str(folder), str(other)])
    finding.main()
    printed = capsys.readouterr().out
    assert "nan" not in printed and "on both" not in printed
    rows = [line.count("|") for line in printed.splitlines() if line.startswith("|")]
    assert set(rows) == {9, 4}


def test_what_cannot_be_compared_is_told(finding: ModuleType, folder: Path) -> None:
    frame = finding.read_accuracies(folder)
    alone = frame[frame["unlearn_modality"] != "text"]
    with pytest.raises(UserError, match="no method was unlearned on text; expected"):
        finding.trajectories(alone)
    pd.concat([frame, frame.assign(protocol="official")]).rename(columns={"asked": "modality"}).to_parquet(
        folder / "trajectory.parquet"
    )
    with pytest.raises(UserError, match="was asked by 2 protocols"):
        finding.read_accuracies(folder)
