import math
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from mllmu.evaluation import METRICS, compare, question_values, score
from mllmu.evaluation.scoring.score import SCORE_COLUMNS
from tests.evaluation.rows import frame, means


def cloze(person, place, response, eval_set="forget", modality="text"):
    return {
        "profile_id": person,
        "question_id": f"{person}/{place}/{modality}",
        "eval_set": eval_set,
        "modality": modality,
        "task": "cloze",
        "answer": "Riga",
        "response": response,
    }


def found(scores, **where):
    rows = scores
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_one_row_per_set_modality_task_and_metric():
    """Two of three cloze answers contain the value; probabilities, which the records lack, are not scored."""
    records = frame(
        cloze("1", 0, "Riga"),
        cloze("1", 1, "in Riga"),
        cloze("2", 0, "Oslo"),
        cloze("3", 0, "Riga", "retain"),
    )
    scores = score(records)
    assert tuple(scores.columns) == SCORE_COLUMNS
    of_writing = {"refusal_rate", "gibberish_rate"}
    assert set(means(scores)["metric"]) == {"cloze_contains", "cloze_exact", *of_writing}
    row = found(scores, eval_set="forget", metric="cloze_contains")
    assert row["value"] == pytest.approx(200 / 3)
    assert row["n"] == 3
    assert row["n_people"] == 2
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0, 100), abs=1e-3)
    assert found(scores, eval_set="forget", metric="cloze_exact")["value"] == pytest.approx(100 / 3)
    alone = found(scores, eval_set="retain", metric="cloze_exact")
    assert (alone["n"], alone["n_people"]) == (1, 1)
    assert math.isnan(alone["ci_low"]) and math.isnan(alone["ci_high"])


def test_a_perfect_score_is_not_certain():
    """Ten people, all right: 0.025^(1/10) = 0.6915 is the least share of right answers that explains it."""
    rows = [
        {**cloze(str(person), place, "Riga"), "task": task, "value": "Riga"}
        for person in range(10)
        for place in range(3)
        for task in ("cloze", "generation")
    ]
    scores = score(frame(*rows))
    for metric, unit in (("cloze_contains", 100), ("rougeL_f", 1)):
        row = found(scores, metric=metric)
        assert row["value"] == unit
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.6915 * unit, unit), rel=1e-4)


def test_rows_come_in_the_order_of_the_tables():
    sets = ("holdout", "celebrity", "retain", "forget", "test")
    records = frame(*(cloze("1", 0, "Riga", one, mod) for one in sets for mod in ("text", "image_text")))
    scores = means(score(records))
    order = ["forget", "test", "retain", "celebrity", "holdout"]
    assert list(dict.fromkeys(scores["eval_set"])) == order
    assert list(dict.fromkeys(scores["modality"])) == ["image_text", "text"]


def test_an_interval_depends_on_its_own_cell_only():
    """Adding a set must not move the intervals of the others."""
    some = [
        {**cloze(str(person), place, "Riga" if (person + place) % 3 else ""), "task": task}
        for person in range(30)
        for place in range(1 + person % 7)
        for task in ("cloze", "generation")
    ]
    more = [*some, cloze("99", 0, "Riga", "retain")]
    alone, together = (means(score(frame(*rows))) for rows in (some, more))
    pd.testing.assert_frame_equal(alone, together[together["eval_set"] == "forget"].reset_index(drop=True))
    assert not alone.equals(means(score(frame(*some), seed=1)))


def test_comparison_takes_the_questions_both_models_answered():
    """In any order: the first is right on both shared questions, the second on one."""
    first = frame(cloze("1", 0, "Riga"), cloze("2", 0, "Riga"), cloze("3", 0, "Riga"))
    second = frame(cloze("2", 0, "Oslo"), cloze("1", 0, "Riga"))
    row = found(compare(first, second), metric="cloze_contains")
    assert (row["value"], row["n"]) == (50, 2)
    assert (row["ci_low"], row["ci_high"]) == (0, 100)


def test_a_question_asked_twice_counts_twice_and_is_compared_with_itself():
    """Two portraits: the first model is right on the first, the second on the second; after demonstrations
    by others it is another question."""
    seen = [{**cloze("1", 0, ""), "view": f"test-{index}", "modality": "image_text"} for index in (1, 2)]
    shown = {**cloze("1", 0, "Riga"), **seen[0], "response": "Riga", "demonstrators": ["7"]}
    first = frame({**seen[0], "response": "Riga"}, seen[1], shown)
    second = frame({**seen[1], "response": "Riga"}, seen[0], {**shown, "demonstrators": ["7", "8"]})
    assert found(score(first), metric="cloze_contains")["n"] == 3
    row = found(compare(first, second), metric="cloze_contains")
    assert (row["value"], row["n"]) == (0, 2)
    values = question_values(first).merge(question_values(second), on=["metric", "record"])
    of_cloze = values[values["metric"].str.startswith("cloze")]
    assert list(of_cloze["value_x"] - of_cloze["value_y"]) == [100, -100] * 2


def test_rows_count_by_what_they_say_and_not_by_the_index_of_the_frame():
    """As where somebody puts two frames of records together."""
    parts = [frame(cloze(person, 0, "Riga"), cloze(person, 1, "Oslo", "holdout")) for person in "12"]
    together = pd.concat(parts)
    assert not together.index.is_unique
    pd.testing.assert_frame_equal(score(together), score(together.reset_index(drop=True)))


def test_nothing_to_score():
    assert len(score(frame())) == 0
    assert len(question_values(frame())) == 0
    assert len(compare(frame(), frame())) == 0


def test_every_record_is_read_once_by_every_metric(monkeypatch):
    """Scoring happens for every model of an experiment, and intervals must not compute answers anew."""
    rows = [cloze(str(person), place, "Riga") for person in range(10) for place in range(3)]
    read = Counter()

    def counting(metric):
        def compute(records):
            read[metric.name] += len(records)
            return metric.compute(records)

        return replace(metric, compute=compute)

    monkeypatch.setattr(METRICS, "_entries", {each.name: counting(each) for each in METRICS.all()})
    score(frame(*rows))
    assert read["cloze_contains"] == len(rows)
    assert set(read.values()) == {len(rows)}


def test_withheld_wordings_of_the_test_set_are_scored_apart():
    """Two of four test answers are right, one of the two that are worded unlike what the base has read."""
    withheld, seen = {"wording": "withheld"}, {"wording": "seen"}
    records = frame(
        {**cloze("1", 0, "Riga", "test"), **seen},
        {**cloze("1", 1, "Oslo", "test"), **seen},
        {**cloze("2", 0, "Riga", "test"), **withheld},
        {**cloze("2", 1, "Oslo", "test"), **withheld},
        {**cloze("3", 0, "Oslo", "forget"), **withheld},
    )
    scores = score(records)
    assert found(scores, eval_set="test", metric="cloze_contains")["n"] == 4
    apart = found(scores, eval_set="withheld", metric="cloze_contains")
    assert (apart["value"], apart["n"]) == (50.0, 2)
    bare = score(frame(cloze("1", 0, "Riga", "test"), cloze("2", 0, "Riga", "test")))
    assert "withheld" not in set(bare["eval_set"])
