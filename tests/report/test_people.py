"""Sample people: every model's answer to the same question, seen the same way."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.evaluation.metrics.cloze import generation_contains
from mllmu.report.names import accuracies
from mllmu.report.numbers.scores import Scores
from mllmu.report.people import _CONTEXT, _judged, protocol_of, sample_people
from tests.evaluation.rows import frame
from tests.report.world import make_results


@pytest.fixture
def shown(run_folder, benchmark):
    """Shows the sample people of the run, its records changed before that."""

    def show(change=lambda records: records):
        for path in (run_folder / "records").glob("*.parquet"):
            change(pd.read_parquet(path)).to_parquet(path)
        scores = Scores(make_results(ratios=(10,), unlearned_on=("both",)))
        return sample_people(run_folder / "records", scores, scores.conditions[0], benchmark)

    return show


def test_a_question_asked_with_two_portraits_is_shown_once(shown):
    """With the first portrait and the answers to it, whatever the order of the records."""

    def change(records):
        said = [f"portrait {view}" for view in records["view"]]
        return records.assign(response=said).sort_values("view", ascending=False, kind="stable")

    (card,) = (card for card in shown(change).cards if card.eval_set == "Test")
    written = [one for one in card.exchanges if not one.form.startswith("Classification")]
    assert len({one.form for one in card.exchanges}) == len(card.exchanges) == 6
    for exchange in written:
        assert {answer.text for answer in exchange.answers} <= {"portrait test-1", "portrait"}


def test_a_model_that_was_demonstrated_otherwise_says_nothing(shown, run_folder):
    """Its answer is to another prompt: shown beside the others it would look comparable."""
    path = run_folder / "records" / "npo-both-forget10-seed0.parquet"
    records = pd.read_parquet(path)
    records.assign(demonstrators=[["020"]] * len(records)).to_parquet(path)
    models = {answer.model for card in shown().cards for one in card.exchanges for answer in one.answers}
    assert "GA" in models
    assert "NPO" not in models


@pytest.mark.parametrize(
    ("chosen", "letter", "text"),
    [
        ("B", "A", "the second"),  # strict: what the likelihood of the texts chooses
        ("", "D", "the third"),  # official: the written letter; the options have no C
        ("", "", "who knows"),  # neither: what the model wrote
        ("", "", ""),  # nothing at all, as of a model whose weights overflowed
    ],
)
def test_a_choice_is_shown_as_the_text_of_its_option(shown, chosen, letter, text):
    def change(records):
        choices = records["task"] == "classification"
        options = [["the first", "the second", "the third"] if choice else [] for choice in choices]
        letters = [["A", "B", "D"] if choice else [] for choice in choices]
        return records.assign(
            options=options,
            option_letters=letters,
            option_log_probs=[[-1.0 if each == chosen else -9.0 for each in "ABD"] if chosen else []]
            * len(records),
            option_lengths=[[1, 1, 1]] * len(records),
            chosen_letter=letter,
            letter_response="who knows" if text else None,  # as where none was asked for
        )

    answers = [
        answer.text
        for card in shown(change).cards
        for exchange in card.exchanges
        if exchange.form.startswith("Classification")
        for answer in exchange.answers
    ]
    assert set(answers) == {text}


def test_damaged_records_are_named(tmp_path):
    file = tmp_path / "npo.parquet"
    file.write_bytes(b"PAR1")
    with pytest.raises(UserError, match=f"The records file {file} is damaged: expected a Parquet file"):
        protocol_of(file)


def test_an_answer_is_judged_as_it_is_scored():
    """What people say who are not shown decides here, too, whether an answer names a longer value."""

    def asked(person, value, response):
        whose = {"profile_id": person, "question_id": person, "question": f"What does {person} do?"}
        what = {"task": "generation", "modality": "text", "attribute": "profession", "protocol": "strict"}
        return {**whose, **what, "eval_set": "forget", "value": value, "answer": value, "response": response}

    everybody = frame(
        asked("shown", "nurse", "a veterinary nurse"),
        asked("other", "veterinary nurse", "a veterinary nurse"),
    )
    shown_rows = everybody[everybody["profile_id"] == "shown"]
    (judged,) = _judged(shown_rows, everybody[_CONTEXT], accuracies("strict")).values()
    assert generation_contains(everybody)[0] == 0
    assert judged["is_right"] is False
    (alone,) = _judged(shown_rows, shown_rows[_CONTEXT], accuracies("strict")).values()
    assert alone["is_right"] is True


def test_records_outside_the_folder_are_not_read(run_folder, benchmark, tmp_path):
    """The name of a method in a table may be anybody's."""
    (npo,) = (run_folder / "records").glob("npo-both-forget10-seed0*")
    secret = pd.read_parquet(npo).assign(response="a secret")
    secret.to_parquet(run_folder / "npo-both-forget10-seed0.parquet")
    results = make_results(ratios=(10,), unlearned_on=("both",), methods=("npo",))
    results.loc[results["method"] == "npo", "method"] = "../npo"
    scores = Scores(results)
    samples = sample_people(run_folder / "records", scores, scores.conditions[0], benchmark)
    answers = {answer.text for card in samples.cards for one in card.exchanges for answer in one.answers}
    assert answers and "a secret" not in answers
