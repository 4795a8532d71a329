"""Protects: ``comparisons.parquet`` says how far each model is from its references, in the metric's unit."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.evaluation import compare, person_scores
from mllmu.report import comparison_table
from mllmu.report.tables.comparison_table import COLUMNS
from tests.evaluation.rows import frame
from tests.report.small_run import frames

_MODELS = {"vanilla": [100] * 6, "retrained": [10] * 6, "npo:both": [40] * 6}


def test_every_model_against_both_references():
    _, people = frames(_MODELS)
    table = comparison_table(people)
    assert list(table.columns) == list(COLUMNS)
    gaps = {
        (row.model, row.against): (row.value, row.n, row.n_people, row.p_value) for row in table.itertuples()
    }
    expected = {
        ("vanilla", "retrained"): 90,
        ("retrained", "vanilla"): -90,
        ("unlearned", "retrained"): 30,
        ("unlearned", "vanilla"): -60,
    }
    assert gaps == {pair: (pytest.approx(value), 12, 6, 2 / 2**6) for pair, value in expected.items()}


def test_models_are_compared_with_the_references_of_their_seed():
    parts = [frames(_MODELS)[1], frames({**_MODELS, "retrained": [30] * 6}, seed=1)[1]]
    table = comparison_table(pd.concat(parts))
    npo = table[(table["method"] == "npo") & (table["against"] == "retrained")]
    assert dict(zip(npo["seed"], npo["value"], strict=True)) == pytest.approx({0: 30, 1: 10})


def test_after_further_steps_models_are_compared_with_references_after_the_same_ones():
    """Relearning was not done to the references: there the untreated ones serve."""
    of_int4 = {"vanilla+int4": [80] * 6, "retrained+int4": [20] * 6, "npo:both+int4": [50] * 6}
    _, people = frames({**_MODELS, **of_int4, "npo:both+relearn": [70] * 6})
    table = comparison_table(people)
    later = table[table["further_steps"] != ""]
    read = {
        (row.model, row.further_steps, row.against): (row.value, row.against_further_steps)
        for row in later.itertuples()
    }
    assert read == {
        ("vanilla", "int4", "retrained"): (pytest.approx(60), "int4"),
        ("retrained", "int4", "vanilla"): (pytest.approx(-60), "int4"),
        ("unlearned", "int4", "retrained"): (pytest.approx(30), "int4"),
        ("unlearned", "int4", "vanilla"): (pytest.approx(-30), "int4"),
        ("unlearned", "relearn", "retrained"): (pytest.approx(60), ""),
        ("unlearned", "relearn", "vanilla"): (pytest.approx(-30), ""),
    }


def test_without_references_there_are_no_rows():
    assert len(comparison_table(frames({"npo:both": [40] * 6})[1])) == 0


def test_the_table_agrees_with_a_comparison_of_records():
    """ROUGE-L is in 0..1 there as well."""
    said = {"vanilla": "Riga by the sea", "retrained": "Oslo"}
    records = {
        name: frame(
            *(
                {
                    "profile_id": str(person),
                    "question_id": f"{person}/{index}",
                    "eval_set": "forget",
                    "modality": "text",
                    "task": "generation",
                    "answer": "Riga by the sea",
                    "response": text if person != index else "Riga",
                }
                for person in range(7)
                for index in range(1 + person % 2)
            )
        )
        for name, text in said.items()
    }
    keys = frames(_MODELS)[1].iloc[0][["forget_ratio", "protocol", "seed", "benchmark"]].to_dict()
    labels = {**keys, "method": "", "unlearn_modality": "", "further_steps": ""}
    people = pd.concat([person_scores(each).assign(model=name, **labels) for name, each in records.items()])
    expected = compare(records["vanilla"], records["retrained"]).set_index("metric").loc["rougeL_f"]
    table = comparison_table(people)
    (found,) = table[(table["model"] == "vanilla") & (table["metric"] == "rougeL_f")].to_dict("records")
    for name in ("value", "ci_low", "ci_high", "p_value"):
        assert found[name] == pytest.approx(expected[name]), name
    assert (found["n"], found["n_people"]) == (expected["n"], expected["n_people"])
