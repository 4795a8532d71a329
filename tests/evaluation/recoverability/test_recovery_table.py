"""Protects recoverability: failed questions alone count, beside the references on the same probes."""

import math

import pandas as pd
import pytest

from mllmu.evaluation import STRICT, ask
from mllmu.evaluation.recoverability.probes import Probe, probe_items, values_by_attribute
from mllmu.evaluation.recoverability.recovery_table import answer_table, recovery, recovery_table
from tests.evaluation.recoverability.test_probes import PEOPLE, forgetting
from tests.evaluation.test_asking import KnowsRiga


def answers(**right):
    """A model's answers to questions about one person each: for each question, right or not in four ways."""
    rows = [
        {
            "question_id": question,
            "profile_id": f"about {question}",
            "modality": "text",
            "task": "generation",
            "attribute": "pet",
            "probe": probe.value,
            "right": letter == "R",
        }
        for question, letters in right.items()
        for probe, letter in zip(Probe, letters, strict=True)
    ]
    return pd.DataFrame(rows)


def test_shares_are_of_the_failed_questions():
    """Of three questions two are failed as asked; probes bring back RW W of one and W W W of the other."""
    model = answers(a="RWWW", b="WRWR", c="WWWW")
    retrained, vanilla = answers(a="RRRR", b="WWWW", c="WRWW"), answers(a="RRRR", b="RRRW", c="RRRW")
    table = recovery_table(model, retrained, vanilla)
    assert len(table) == 9 and list(table.loc[table["failed"], "question_id"].unique()) == ["b", "c"]
    found = recovery(table)
    assert found.failed.value == pytest.approx(200 / 3) and found.failed.n == 3
    assert {probe.value: one.value for probe, one in found.by_probe.items()} == {
        "reworded": 50.0,
        "indirect": 0.0,
        "negated": 50.0,
    }
    assert found.mean.value == pytest.approx(100 / 3) and found.mean.n == 6
    assert found.any.value == 50.0 and found.any.n == 2
    assert found.retrained.value == pytest.approx(100 / 6)
    assert found.vanilla.value == pytest.approx(400 / 6)
    assert (found.retrained_any.value, found.vanilla_any.value) == (50.0, 100.0)
    assert 0 < found.failed.low < found.failed.value < found.failed.high


def test_where_nothing_is_failed_there_is_nothing_to_bring_back():
    same = answers(a="RRRR", b="RWWW")
    found = recovery(recovery_table(same, same, same))
    assert found.failed.value == 0 and found.failed.high > 30
    assert found.mean.n == found.any.n == 0 and math.isnan(found.mean.value)


def test_models_that_were_asked_other_things_are_no_references():
    with pytest.raises(ValueError, match="asked the same probes"):
        recovery_table(answers(a="RRRR"), answers(b="RRRR"), answers(a="RRRR"))


class SaysNurse(KnowsRiga):
    """Answers everything alike."""

    def generate(self, requests, starts, progress=None):
        return ["A nurse, with a cat." if "001" in one.prompt.messages[0].text else "No." for one in requests]


def test_answers_are_right_that_contain_the_value():
    asked = list(probe_items(PEOPLE, forgetting("001", "002"), 2, 0))
    items = [item for _, probes in asked for item in probes.values()]
    records = ask(SaysNurse(), items, STRICT)
    table = answer_table(asked, records, values_by_attribute(PEOPLE))
    by_name = table[table["modality"] == "text"]
    assert by_name[by_name["profile_id"] == "001"]["right"].all()
    assert not by_name[by_name["profile_id"] == "002"]["right"].any()
    with pytest.raises(ValueError, match="records of all probes"):
        answer_table(asked, records.iloc[::-1], {})


def test_an_answer_that_names_what_somebody_else_is_is_wrong_however_few_are_asked():
    """As in the evaluation, whose records hold everybody's values: "A nurse, with a cat" may be a value."""
    asked = list(probe_items(PEOPLE, forgetting("001", "002"), 2, 0))
    items = [item for _, probes in asked for item in probes.values()]
    records = ask(SaysNurse(), items, STRICT)
    attribute = next(item.question.attribute for item in items if item.question.value.casefold() == "nurse")
    names_longer = records["response"].str.contains("nurse") & (records["attribute"] == attribute)
    assert names_longer.any()
    records.loc[names_longer, "response"] = "A veterinary nurse."
    for others, is_right in (({}, True), ({attribute: {"veterinary nurse"}}, False)):
        assert answer_table(asked, records, others)["right"][names_longer.to_numpy()].eq(is_right).all()
