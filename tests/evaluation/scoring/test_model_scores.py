"""Protects: metrics are what scoring takes longest for, and each is computed once for every answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mllmu.evaluation import (
    METRICS,
    ReferenceAnswers,
    compare,
    compare_values,
    person_scores,
    question_values,
    read_records,
    score,
    score_model,
    write_records,
)
from mllmu.evaluation.records import record_keys
from mllmu.study.pipeline.execution.stage_store import Made, Workplace
from mllmu.study.pipeline.stages import asking_stages
from mllmu.study.steps import python_steps
from tests.evaluation.rows import frame


def cloze(person: str, response: str) -> dict[str, object]:
    question = {"profile_id": person, "question_id": person, "question": f"Born in __, {person}?"}
    return {**question, "task": "cloze", "answer": "Riga", "response": response, "protocol": "strict"}


RECORDS = frame(cloze("1", "Riga"), cloze("2", "Oslo"), cloze("3", ""))
OTHERS = frame(cloze("1", "Oslo"), cloze("2", "Oslo"), cloze("3", "Riga"))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each metric was computed."""
    counts: Counter[str] = Counter()

    def counting(metric):  # type: ignore[no-untyped-def]
        def compute(records: pd.DataFrame):  # type: ignore[no-untyped-def]
            counts[metric.name] += 1
            return metric.compute(records)

        return replace(metric, compute=compute)

    monkeypatch.setattr(METRICS, "_entries", {each.name: counting(each) for each in METRICS.all()})
    return counts


def test_the_scores_are_those_of_the_single_steps(computed: Counter[str]) -> None:
    """Set metrics, which people have no score of, stand in the scores alone."""
    for reference in (None, OTHERS):
        scored = score_model(RECORDS, 3, reference)
        pd.testing.assert_frame_equal(scored.scores, score(RECORDS, 3, reference))
        pd.testing.assert_frame_equal(scored.person_scores, person_scores(RECORDS))
        compared = compare_values(scored.values, question_values(OTHERS), 3)
        pd.testing.assert_frame_equal(compared, compare(RECORDS, OTHERS, 3))
    assert "forget_quality" in set(scored.scores["metric"]) - set(scored.person_scores["metric"])


def test_a_stage_computes_every_metric_once(
    computed: Counter[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And once for each of the two references, whatever number of models is read against them."""
    made = []
    for name, records in (("asked", RECORDS), ("reference", OTHERS), ("vanilla", RECORDS), ("other", OTHERS)):
        write_records(records, tmp_path / name / "records.parquet")
        made.append(Made(tmp_path / name, {}))
    monkeypatch.setattr(asking_stages, "records_of_split", lambda records, items: records)
    for asked, expected in ((made[0], 3), (made[3], 4)):
        stage = asking_stages.scoring_stage("score", asked, [], 0, made[1], made[2])
        out = tmp_path / f"scores of {asked.folder.name}"
        out.mkdir()
        stage.make(Workplace(out, tmp_path / "scratch"), lambda done, total: None)
        assert set(computed.values()) == {expected}
        alone = score_model(read_records(asked.folder / "records.parquet"), 0, OTHERS, RECORDS).scores
        pd.testing.assert_frame_equal(pd.read_parquet(out / "scores.parquet"), alone)
        computed.subtract({name: 3 for name in computed})


def test_a_reference_answers_in_the_sets_of_whoever_is_read_against_it() -> None:
    """Two splits of one asking: whom one forgets the other retains."""
    reference = ReferenceAnswers(OTHERS)
    for eval_set in ("forget", "retain", "forget"):
        answers = reference.to_questions_of(RECORDS.assign(eval_set=eval_set))
        expected = question_values(OTHERS.assign(eval_set=eval_set))
        pd.testing.assert_frame_equal(answers.values, expected)
    unasked = frame(cloze("4", "Riga"))
    assert reference.lacking(RECORDS) is None
    assert reference.lacking(unasked) == record_keys(unasked)[0]


def test_a_single_evaluation_computes_every_metric_once(
    computed: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_steps, "ask", lambda *arguments: RECORDS)
    evaluation = python_steps.ask_and_score(None, [], "strict")  # type: ignore[arg-type]
    assert len(evaluation.person_scores) and len(evaluation.scores)
    assert set(computed.values()) == {1}
