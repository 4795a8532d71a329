"""Asking against an engine whose every answer is known, and against a real small model."""

from dataclasses import replace

import pandas as pd
import pytest

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.benchmark.types import EvaluationSet, Split
from mllmu.evaluation import MEAN_ACCURACY, STRICT, ask, score
from mllmu.evaluation.item_progress import in_items
from mllmu.evaluation.metrics.option_accuracy import likeliest_options
from mllmu.evaluation.records import COLUMNS, record_keys
from mllmu.inference import TokenScores, TransformersEngine
from mllmu.models import Prompt, wrap_model
from mllmu.models.tiny import TinySize, build_model, build_processor, train_tokenizer
from tests.evaluation.people import BENCHMARK, PEOPLE, SPLIT
from tests.evaluation.rows import means

ITEMS = STRICT.items(BENCHMARK, [SPLIT])[SPLIT.forget_ratio]
SMALL = TinySize(
    hidden=32, layers=1, heads=2, mlp=64, vision_hidden=32, vision_layers=2, vision_heads=2, vision_mlp=64
)


@pytest.fixture(scope="module")
def loaded():
    tokenizer = train_tokenizer([item.question.text for item in ITEMS], 400)
    model = build_model(tokenizer, SMALL, seed=0)
    return wrap_model(model, build_processor(tokenizer), "random", "Say little.")


class KnowsRiga:
    """Gives every word of an answer -1, the words of "Riga, Latvia" -0.5, and the end token -100.

    Only the letter C is what greedy decoding would write.
    """

    can_score = True

    def __init__(self):
        self.scored, self.written, self.starts = [], [], []

    def render(self, prompt):
        shown = "<image>\n" * len(prompt.images)
        return Prompt(f"Say little.\nUSER: {shown}{prompt.messages[0].text}\nASSISTANT:", prompt.images)

    def answer_parts(self, prompt, question, answer, value):
        words = [
            AnswerPart.VALUE if word.strip(".") in value else AnswerPart.TEMPLATE for word in answer.split()
        ]
        return [*words, AnswerPart.END]

    def score(self, requests, progress=None):
        self.scored += requests
        return [self._scores(request.answer) for request in requests]

    def generate(self, requests, scored=None, progress=None):
        self.written += requests
        self.starts += scored
        return [f"{request.max_new_tokens} tokens" for request in requests]

    @staticmethod
    def _scores(answer):
        words = answer.split()
        each = -0.5 if answer == "Riga, Latvia" else -1.0
        expected = (answer == "C",) * len(words) + (False,)
        return TokenScores((each,) * len(words) + (-100.0,), expected, (len(answer),) * len(expected))


def test_records_hold_what_was_asked_and_said():
    engine = KnowsRiga()
    records = ask(engine, ITEMS, STRICT)
    assert tuple(records.columns) == COLUMNS
    assert list(records["question_id"]) == [item.question.question_id for item in ITEMS]
    choice, free, cloze = records.iloc[0], records.iloc[1], records.iloc[2]
    assert choice["options"] == ["Oslo", "Riga, Latvia", "Rome", "Paris in France"]
    # Sums without the end token: 1 word, 2 words of -0.5, 1 word, 3 words.
    assert choice["option_log_probs"] == [-1, -1, -1, -3]
    assert choice["option_lengths"] == [1, 2, 1, 3]
    assert likeliest_options(choice["option_log_probs"], choice["option_lengths"], "ABCD") == ["B"]
    assert choice["option_letters"] == ["A", "B", "C", "D"]
    assert choice["letter_log_probs"] == [-1, -1, -1, -1]
    assert (choice["letter_response"], choice["chosen_letter"]) == ("8 tokens", "")
    assert choice["response"] == ""
    assert choice["prompt"] == (
        "Say little.\nUSER: <image>\nWhere was this person born?\nAnswer in a few words.\nASSISTANT:"
    )
    assert free["response"] == "40 tokens"
    assert pd.isna(free["letter_response"])
    assert free["chosen_letter"] == ""
    assert free["answer_log_probs"] == [-1, -1, -1, -1, -1, -1, -100]
    assert free["answer_parts"] == ["template"] * 5 + ["value", "end"]
    assert (choice["answer_parts"], cloze["answer_parts"]) == ([], [])  # no sentences
    assert free["paraphrase_log_probs"] == [-1] * 7 + [-100]
    assert free["wrong_log_probs"] == [[-1] * 7 + [-100]] * 2
    assert cloze["response"] == "16 tokens"
    assert cloze["answer_log_probs"] == [-1, -1, -100]
    assert (cloze["value"], cloze["attribute"], cloze["protocol"]) == ("a cat", "pet", "strict")
    assert [one["wording"] for one in (choice, free, cloze)] == ["", "", "withheld"]


def test_the_picture_goes_with_picture_questions_only():
    engine = KnowsRiga()
    ask(engine, ITEMS, STRICT)
    for request in engine.scored + engine.written:
        assert bool(request.prompt.images) == ("this person" in request.prompt.messages[0].text)


def test_what_was_scored_tells_how_the_written_answer_begins():
    """Of the four letters the one that greedy decoding begins with, so that it need not be decoded again."""
    engine = KnowsRiga()
    ask(engine, ITEMS[:3], STRICT)
    letter, free, cloze = engine.starts
    assert letter == engine._scores("C")
    assert free.log_probs == engine._scores(ITEMS[1].question.answer).log_probs
    assert cloze == engine._scores("a cat")


def test_a_record_names_portrait_and_demonstrators():
    """The record's key is the item's, in whatever order they come."""
    people = {**PEOPLE, "003": PEOPLE["002"]}
    benchmark, split = replace(BENCHMARK, profiles=people), Split(50, ("002",), ("001", "003"))
    items = STRICT.items(benchmark, [split], "001")[50][::-1]
    records = ask(KnowsRiga(), items, STRICT)
    assert record_keys(records) == [item.key for item in items]
    assert {tuple(ids) for ids in records["demonstrators"]} == {("001",)}
    assert set(records["view"]) == {"", "original", "test-1", "test-2"}


def test_a_real_model_end_to_end(loaded):
    """Every set, modality and task is scored, and the progress ends with all questions."""
    told = []
    engine = TransformersEngine(loaded)
    records = ask(engine, ITEMS, STRICT, lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {len(ITEMS)}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (len(ITEMS), len(ITEMS))
    scores = means(score(records))
    scores = scores[scores["metric"] != MEAN_ACCURACY]
    asked = scores[scores["eval_set"] != EvaluationSet.WITHHELD.value]
    sets = {item.eval_set for item in ITEMS}
    assert len(asked.groupby(["eval_set", "modality", "task"])) == len(sets) * 2 * 3
    assert scores["value"].notna().all()
    twice = scores["eval_set"].isin(["test", "withheld"]) & (scores["modality"] == "image_text")
    assert list(scores["n"]) == [2 if test_pictures else 1 for test_pictures in twice]


def test_requests_are_told_as_items_worked_out_by_hand():
    """2 items of 8 requests: after 3, 4 and 8 requests 0, 1 and 2 items are finished."""
    told = []

    def progress(done, total):
        told.append((done, total))

    scoring, writing = in_items(progress, 2, 8), in_items(progress, 2, 8, before=4)
    scoring(3, 4)
    scoring(4, 4)
    writing(4, 4)
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert in_items(None, 2, 8) is None


def test_an_engine_that_cannot_score_is_asked_to_write(caplog):
    """A server may give no log-probabilities: what is written is scored, and the rest is left out."""
    engine = KnowsRiga()
    engine.can_score = False
    records = ask(engine, ITEMS, STRICT)
    assert engine.scored == [] and engine.starts == [None] * len(engine.written)
    assert "likelihoods cannot be had" in caplog.text
    metrics = set(score(records).metric)
    assert {"letter_accuracy", "cloze_contains", "rougeL_f"} <= metrics
    assert not metrics & {"option_likelihood_accuracy", "letter_likelihood_accuracy", "answer_probability"}
    assert not metrics & {"truth_ratio", "extraction_strength", "exact_memorization"}


def test_all_tokens_of_a_letter_count():
    """Some tokenizers give the space before a letter a token of its own; the first says nothing then."""

    class TwoTokenLetters(KnowsRiga):
        @staticmethod
        def _scores(answer):
            if answer not in "ABCD":
                return KnowsRiga._scores(answer)
            return TokenScores((-0.25, -float(ord(answer)), -100.0), (True, False, False), (1, 1, 1))

    choice = ask(TwoTokenLetters(), ITEMS[:1], STRICT).iloc[0]
    assert choice["letter_log_probs"] == [-65.25, -66.25, -67.25, -68.25]
