"""Protects: every number of lmms-eval stands in the table with an interval, or with the reason why not."""

import pytest

from mllmu.bridges.lmms_eval.utility_table import read_utility
from mllmu.errors import UserError
from tests.bridges.lmms_eval.lmms_layout import write_results


def row(table, metric):
    (one,) = table[table["metric"] == metric].to_dict("records")
    return one


def test_a_mean_has_the_normal_interval_of_its_standard_error(tmp_path):
    scores = {"alias": "mme", "score,none": 10.0, "score_stderr,none": 0.5, "score_stderr_clt,none": 9}
    write_results(tmp_path, {"mme": scores}, counts={"mme": 30})
    table = read_utility(tmp_path)
    assert list(table["metric"]) == ["score"] and table["note"].tolist() == [""]
    one = row(table, "score")
    assert (one["model"], one["task"], one["filter"], one["n"]) == ("models/npo", "mme", "none", 30)
    assert one["ci_low"] == pytest.approx(10 - 0.98, abs=1e-4)
    assert one["ci_high"] == pytest.approx(10 + 0.98, abs=1e-4)


@pytest.mark.parametrize("scale", [1, 100])
def test_right_and_wrong_have_the_exact_interval(tmp_path, scale):
    """10 of 10 are 69.15 to 100 % (Clopper & Pearson): 0.025 ** (1 / 10) = 0.6915."""
    scores = {"acc,none": 1.0 * scale, "acc_stderr,none": 0.0}
    write_results(tmp_path, {"pope": scores}, {"pope": [{"acc": 1.0}] * 9 + [{"acc": True}]})
    one = row(read_utility(tmp_path), "acc")
    assert one["ci_low"] == pytest.approx(scale * 0.025**0.1) and one["ci_high"] == scale


def test_nothing_right_says_nothing_of_the_scale(tmp_path):
    """0 of 10 are 0 to 31 %, or 0 to .31."""
    write_results(
        tmp_path, {"pope": {"acc,none": 0.0, "acc_stderr,none": 0.0}}, {"pope": [{"acc": 0.0}] * 10}
    )
    one = row(read_utility(tmp_path), "acc")
    assert one["ci_low"] != one["ci_low"] and "whether the metric is in per cent" in one["note"]


def test_samples_of_another_mean_are_not_counted(tmp_path):
    scores = {"acc,none": 0.4, "acc_stderr,none": "N/A"}
    write_results(tmp_path, {"pope": scores}, {"pope": [{"acc": 1.0}, {"acc": 0.0}]})
    assert row(read_utility(tmp_path), "acc")["note"] == "lmms-eval gives no standard error"


@pytest.mark.parametrize(
    ("value", "stderr", "note"),
    [
        (None, 0.1, "lmms-eval gives no number"),
        ("", 0.1, "lmms-eval gives no number"),
        (float("nan"), 0.1, "lmms-eval gives no number"),
        (10**400, 0.1, "lmms-eval gives no number"),
        (0.5, "N/A", "lmms-eval gives no standard error"),
        (0.5, 0.0, "all questions have the same value, and a standard error of 0 says nothing"),
    ],
)
def test_what_is_missing_is_said(tmp_path, value, stderr, note):
    write_results(tmp_path, {"mme": {"score,none": value, "score_stderr,none": stderr}})
    one = row(read_utility(tmp_path), "score")
    assert one["note"] == note and one["ci_low"] != one["ci_low"]


def test_numbers_in_a_table_of_their_own_are_numbers(tmp_path):
    write_results(tmp_path, {"mmmu_val": {"acc,none": {"Art": 0.25, "Law": 0.5}}})
    assert list(read_utility(tmp_path)["metric"]) == ["acc.Art", "acc.Law"]


def test_the_newest_answers_of_a_model_count_and_models_stay_apart(tmp_path):
    write_results(tmp_path, {"mme": {"score,none": 2}}, date="20260202_000000")
    write_results(tmp_path, {"mme": {"score,none": 1}, "pope": {"acc,none": 3}}, date="20260101_000000")
    write_results(tmp_path, {"mme": {"score,none": 4}}, model="ga")
    table = read_utility(tmp_path)
    shown = list(zip(table["model"], table["task"], table["value"], strict=True))
    assert shown == [("models/ga", "mme", 4), ("models/npo", "mme", 2), ("models/npo", "pope", 3)]


def test_what_llava_benchs_own_judge_could_not_rate_is_no_score(tmp_path):
    """lmms-eval gives both answers -1 then, and 100 per cent for their ratio."""
    failed, other = {"scores": [-1, -1]}, {"scores": [-999, -999]}
    samples = [{"gpt_eval_llava_all": failed, "gpt_eval_llava_conv": failed, "gpt_eval_llava_detail": other}]
    scores = {f"gpt_eval_llava_{name},none": 100.0 for name in ("all", "conv")}
    write_results(tmp_path, {"llava_in_the_wild": scores}, {"llava_in_the_wild": samples})
    table = read_utility(tmp_path)
    assert table["value"].isna().all()
    assert set(table["note"]) == {"its own judge gave no score; mllmu judge llava has ours rate the answers"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "it is no JSON"),
        (b"[]", "it is no JSON object"),
        (b'{"results": [1]}', "its 'results' is no object"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b"[" * 100_000, "nested too deep"),
        (b"\xff\xfe", "it is no JSON"),
    ],
)
def test_damaged_results_are_told_in_a_sentence(tmp_path, text, fault):
    (write_results(tmp_path, {}) / "20260101_000000_results.json").write_bytes(text)
    with pytest.raises(UserError, match=fault):
        read_utility(tmp_path)


def test_damaged_samples_are_told_with_their_line(tmp_path):
    here = write_results(tmp_path, {"mme": {"score,none": 1}}, {"mme": [{"score": 1}]})
    with (here / "20260101_000000_samples_mme.jsonl").open("a") as samples:
        samples.write("\n{")
    with pytest.raises(UserError, match=r"_samples_mme.jsonl cannot be used: line 3 is no JSON"):
        read_utility(tmp_path)


def test_files_without_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mllmu.bridges.lmms_eval.lmms_files._MOST_LINE_BYTES", 100)
    write_results(tmp_path, {"mme": {"score,none": 1}}, {"mme": [{"score": "1" * 200}]})
    with pytest.raises(UserError, match="line 1 has more than 100 bytes"):
        read_utility(tmp_path)
    monkeypatch.setattr("mllmu.bridges.lmms_eval.lmms_files._MOST_RESULTS_BYTES", 10)
    with pytest.raises(UserError, match="more than 10"):
        read_utility(tmp_path)


def test_a_folder_of_everything_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mllmu.bridges.lmms_eval.lmms_files._MOST_FILES", 1)
    for model in ("npo", "ga"):
        write_results(tmp_path, {"mme": {"score,none": 1}}, model=model)
    with pytest.raises(UserError, match=f"{tmp_path} holds 2 results files; expected at most 1"):
        read_utility(tmp_path)


def test_a_task_cannot_name_a_file_elsewhere(tmp_path):
    write_results(tmp_path, {"/../../secret": {"score,none": 1}})
    (tmp_path / "secret.jsonl").write_text("no JSON")
    assert read_utility(tmp_path)["value"].tolist() == [1.0]


def test_a_folder_without_results_is_told(tmp_path):
    with pytest.raises(UserError, match="holds no results of lmms-eval"):
        read_utility(tmp_path)
