"""Protects what an audit takes from runs: which models, read against which, and where too few are refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.evaluation import SET_METRICS, write_records
from mllmu.evaluation.audit import readings
from mllmu.study import Audit, audit_runs, write_audit
from mllmu.study.steps.audit_runs import _Model as audited_model
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA, VANILLA_LINEAGE, Lineage, LineageStep
from tests.evaluation.set_metrics.models import answer, frame


def answers(lineage: Lineage, seed: int) -> pd.DataFrame:
    """What a model answered about two people to forget and two that nobody was taught; vanilla knows two."""
    surer = {VANILLA: 3.0, "ga": 0.1, "npo": 0.2}.get(lineage.method or lineage.model, 0.0)
    nats = {"1": -3.5 + surer, "2": -3.2 + surer, "8": -3.1, "9": -3.6}
    rows = [
        answer(who, [value - seed / 100], "forget" if who < "3" else "holdout", modality=modality)
        for who, value in nats.items()
        for modality in ("image_text", "text")
    ]
    return frame(*rows)


def make_run(folder: Path, models: Iterable[tuple[Lineage, int]]) -> Path:
    """The folder of a run, as far as an audit reads it: lineages with their seeds."""
    rows = []
    (folder / "records").mkdir()
    for lineage, seed in models:
        write_records(answers(lineage, seed), folder / "records" / f"{lineage.file_stem(34, seed)}.parquet")
        rows.append({**lineage.columns, "forget_ratio": 34, "seed": seed, "benchmark": "b"})
    results = pd.DataFrame(rows).assign(protocol="strict", eval_set="forget", modality="text", task="cloze")
    columns = {"metric": "cloze_contains", "view": "", "value": 0.0, "ci_low": 0.0, "ci_high": 1.0, "n": 1}
    results.assign(**columns, n_people=1, missing="").to_parquet(folder / "results.parquet")
    return folder


TAUGHT = (VANILLA_LINEAGE, RETRAINED_LINEAGE)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three seeds, whose models have 4-bit weights besides."""
    rounded = tuple(each.then(LineageStep("int4")) for each in TAUGHT)
    return make_run(tmp_path_factory.mktemp("pool"), product([*TAUGHT, *rounded], [3, 1, 2]))


@pytest.fixture(scope="module")
def audited(pool: Path) -> tuple[Audit, list[tuple[int, int]]]:
    """What an audit of it finds, and how it told how far it was."""
    seen: list[tuple[int, int]] = []
    return audit_runs([pool], 0, lambda done, total: seen.append((done, total))), seen


def test_models_of_the_smallest_seed_are_references_and_are_not_told_apart(
    audited: tuple[Audit, list[tuple[int, int]]],
) -> None:
    """Two other seeds of vanilla and of retrained, each also with 4-bit weights."""
    table = audited[0].faithfulness
    assert set(table["knowing"]) == set(table["others"]) == {2}
    assert table["robustness"].equals(table["int4"])
    probability = table[table["metric"] == "answer_probability"]
    assert set(probability["modality"]) == {"image_text", "text", "all"}
    assert (probability["faithfulness"] == 1).all() and (probability["faithfulness_low"] < 1).all()
    assert {"membership_auc(loss)", "privacy_leakage(min_k)"} <= set(table["metric"])
    assert audited[0].agreement.empty
    assert audited[1][-1] == (12, 12)


def test_of_two_seeds_there_is_no_pool(pool: Path, tmp_path: Path) -> None:
    shutil.copytree(pool, tmp_path / "two")
    results = pd.read_parquet(pool / "results.parquet")
    results[results["seed"] < 3].to_parquet(tmp_path / "two" / "results.parquet")
    with pytest.raises(UserError, match=r"too few models.*at least three seeds"):
        audit_runs([tmp_path / "two"], 0, lambda *_: None)


def test_the_command_prints_metrics_and_leaves_tables(
    pool: Path,
    audited: tuple[Audit, list[tuple[int, int]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A metric that has numbers for fewer models stands first.
    first = audited[0].faithfulness.assign(knowing=lambda table: [1, *table["knowing"][1:]])
    made = {(pool,): Audit(first, audited[0].agreement)}
    monkeypatch.setattr("mllmu.study.audit_runs", lambda folders, seed, progress: made[tuple(folders)])
    result = CliRunner().invoke(app, ["audit", str(pool), "--out", str(tmp_path / "audit")])
    assert result.exit_code == 0, result.output
    assert "2 models that know the people, 2 that do not" in result.output
    assert "[1/1] audit" in result.stderr
    written = pd.read_csv(tmp_path / "audit" / "faithfulness.csv")
    assert written["metric"].tolist() == audited[0].faithfulness["metric"].tolist()
    assert not (tmp_path / "audit" / "agreement.csv").exists()


def test_several_folders_need_a_place_for_the_tables(pool: Path) -> None:
    result = CliRunner().invoke(app, ["audit", str(pool), str(pool)])  # before the folders are looked at
    assert (result.exit_code, "needs --out" in result.output) == (2, True)


def test_one_folder_named_twice_is_refused(pool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its models would count twice, and intervals shrink."""
    monkeypatch.chdir(pool.parent)
    with pytest.raises(UserError, match="one folder, named twice"):
        audit_runs([pool, Path(pool.name)], 0, lambda *_: None)


def test_a_file_in_the_place_of_the_tables_is_told_at_once(pool: Path, tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("mine")
    result = CliRunner().invoke(app, ["audit", str(pool), "--out", str(tmp_path / "audit")])
    assert (result.exit_code, "is a file; expected the name of a folder" in result.output) == (2, True)


def test_a_model_without_those_it_is_read_against_is_told(tmp_path: Path) -> None:
    methods = [VANILLA_LINEAGE.unlearned(name, "both") for name in ("ga", "npo", "kl_min")]
    run = make_run(tmp_path, product([VANILLA_LINEAGE, *methods], [0]))
    with pytest.raises(UserError, match="has no retrained model of seed 0 for 34 %, which ga-both"):
        audit_runs([run], 0, lambda *_: None)


def test_methods_of_different_people_are_not_put_in_order(tmp_path: Path) -> None:
    """One method of each of three seeds is three models, and no two forget from the same vanilla."""
    one = VANILLA_LINEAGE.unlearned("ga", "both")
    run = make_run(tmp_path, [(each, seed) for each in (*TAUGHT, one) for seed in (0, 1)])
    with pytest.raises(UserError, match="3 models unlearned from one"):
        audit_runs([run], 0, lambda *_: None)


def test_vanilla_is_one_model_whoever_is_to_forget(
    pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under two ratios there are two retrained models of a seed, and one vanilla, by whatever metric."""
    monkeypatch.setattr(readings, "SET_METRICS", Mock(all=lambda: SET_METRICS.all()[:1]))
    run = shutil.copytree(pool, tmp_path / "run")
    for file in list((run / "records").iterdir()):
        other = file.with_name(file.name.replace("forget34", "forget50"))
        shutil.copy(file, other)
        if file.name.startswith("retrained"):
            records = pd.read_parquet(file)
            records.assign(response=records["response"] + " now").to_parquet(other)
    results = pd.read_parquet(run / "results.parquet")
    pd.concat([results, results.assign(forget_ratio=50)]).to_parquet(run / "results.parquet")
    table = audit_runs([run], 0, lambda *_: None).faithfulness
    assert (set(table["knowing"]), set(table["others"])) == ({2}, {4})


def test_models_that_two_runs_share_count_once(
    pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the second has other methods; else intervals would shrink."""
    monkeypatch.setattr(readings, "SET_METRICS", Mock(all=lambda: SET_METRICS.all()[:1]))
    again = shutil.copytree(pool, tmp_path / "again")
    one, two = (audit_runs(runs, 0, lambda *_: None).faithfulness for runs in ([pool], [pool, again]))
    pd.testing.assert_frame_equal(one.drop(columns="runs"), two.drop(columns="runs"))


def test_tables_of_an_earlier_audit_do_not_stay(
    audited: tuple[Audit, list[tuple[int, int]]], tmp_path: Path
) -> None:
    (tmp_path / "agreement.csv").write_text("of other runs")
    write_audit(audited[0], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["faithfulness.csv"]
    assert set(pd.read_csv(tmp_path / "faithfulness.csv")["runs"]) == set(audited[0].faithfulness["runs"])


def test_answers_count_as_in_the_run_though_two_sets_are_read(tmp_path: Path) -> None:
    """What somebody to retain is, is a value as well: naming it names no part of it."""
    said = {"task": "generation", "attribute": "job", "response": "A veterinary nurse."}
    rows = [answer("1", [-1], value="nurse", **said)]
    (tmp_path / "records").mkdir()
    for longer, expected in ((False, 100), (True, 0)):
        rows += [answer("5", [-1], "retain", value="veterinary nurse", **said)] * longer
        write_records(frame(*rows), tmp_path / "records" / "vanilla-forget34-seed0.parquet")
        values = audited_model(tmp_path, VANILLA_LINEAGE, 34, 0).asked.usual_values_of("generation_contains")
        assert values[["eval_set", "value"]].values.tolist() == [["forget", expected]]


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"results\.parquet"):
        audit_runs([tmp_path], 0, lambda *_: None)


def test_agreement_is_about_unlearned_models(tmp_path: Path) -> None:
    """GA is a little surer than a third method, NPO a little more: by probability in this order."""
    methods = [VANILLA_LINEAGE.unlearned(name, "both") for name in ("ga", "npo", "kl_min")]
    (tmp_path / "run").mkdir()
    audited = audit_runs(
        [make_run(tmp_path / "run", product([*TAUGHT, *methods], [0]))], 0, lambda *_: None, 20
    )
    assert audited.faithfulness.empty
    table = audited.agreement.set_index(["metric", "other_metric"])
    assert set(table["n_models"]) == {3}
    assert table.loc[("answer_probability", "wasserstein_distance(answer_probability)"), "tau"] == 1
    write_audit(audited, tmp_path / "audit")
    assert [path.name for path in (tmp_path / "audit").iterdir()] == ["agreement.csv"]
