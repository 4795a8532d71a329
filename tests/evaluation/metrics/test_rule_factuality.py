"""Protects: the rules' score is a metric of every evaluation, apart from a language model's."""

import numpy as np

from mllmu.evaluation import get_metric, score
from tests.evaluation.rows import frame

ASKED = {"question": "What is her job?", "answer": "A baker.", "value": "baker", "attribute": "profession"}


def test_answers_are_scored_from_records_alone():
    records = frame(*({**ASKED, "response": said} for said in ("A baker.", "A cook.", None)))
    values = get_metric("factuality_rules").compute(records)
    np.testing.assert_array_equal(values, [10, 3, np.nan])


def test_it_stands_in_results_without_a_judge():
    scores = score(frame({**ASKED, "profile_id": "001", "response": "A baker."})).set_index("metric")
    assert scores.loc["factuality_rules"].value == 10
    assert "factuality" not in scores.index or np.isnan(scores.loc["factuality"].value)
