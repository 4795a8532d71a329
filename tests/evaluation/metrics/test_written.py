"""Metrics of what a model wrote; every expected number is worked out in the test."""

import itertools
import math
import random

import pytest

from mllmu.evaluation.metrics import bleu, rouge
from tests.evaluation.rows import frame


def one(**filled):
    return frame(filled)


def test_rouge_f_measures_by_hand():
    """Reference of 4 words, response of 3, of which 2 in order.

    ROUGE-1: precision 2/3, recall 2/4, F = 2 * (2/3) * (1/2) / (7/6) = 4/7. ROUGE-2: of the bigrams
    "cat sat" only, 1 of 2 and 1 of 3: F = 2 * (1/2) * (1/3) / (5/6) = 2/5. ROUGE-L as ROUGE-1.
    """
    records = one(answer="one cat sat down", response="cat sat up")
    assert rouge.rouge1_f(records) == pytest.approx([4 / 7])
    assert rouge.rouge2_f(records) == pytest.approx([2 / 5])
    assert rouge.rougeL_f(records) == pytest.approx([4 / 7])
    assert rouge.rouge1_recall(records) == pytest.approx([1 / 2])
    assert rouge.rougeL_recall(records) == pytest.approx([1 / 2])


def test_rouge_stems():
    assert rouge.rouge1_f(one(answer="she works", response="she worked")).tolist() == [1.0]


ROUGES = (rouge.rouge1_f, rouge.rouge2_f, rouge.rougeL_f, rouge.rouge1_recall, rouge.rougeL_recall)


def test_rouge_of_ascii_text_is_the_published_one():
    """Whatever stands in it: the new words are the old ones."""
    draw = random.Random(0)
    some = ["the", "running", "Houses", "a_b", "it's", "3.5", "x-ray", "flies", "Dr."]
    texts = [
        "".join(chr(draw.randrange(128)) for _ in range(draw.randrange(60)))
        if draw.random() < 0.5
        else draw.choice(" \t\n-").join(draw.choices(some, k=draw.randrange(12)))
        for _ in range(2000)
    ]
    pairs = list(itertools.pairwise(texts)) + list(zip(texts, texts, strict=True))
    rows = [{"answer": answer, "response": response} for answer, response in pairs]
    ours = frame(*({**row, "protocol": "strict"} for row in rows))
    published = frame(*({**row, "protocol": "official"} for row in rows))
    for measure in ROUGES:
        assert measure(ours).tolist() == measure(published).tolist()
    assert max(rouge.rougeL_f(ours)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Она живёт в Риге",
        "她住在里加",
        "彼女はリガに住んでいます",
        "그녀는 리가에 산다",
        "वह रीगा में रहती है",
        "เธออาศัยอยู่ในริกา",
        "تعيش في ريغا",
        "Žanna Ozoliņa",
        "Η Άννα ζει",
    ],
)
def test_rouge_of_an_identical_text_of_any_script_is_one(text):
    assert [measure(one(answer=text, response=text)).tolist() for measure in ROUGES] == [[1.0]] * len(ROUGES)


@pytest.mark.parametrize(
    ("answer", "response", "recall"),
    [
        ("José", "Jose", 1),
        ("José", "Jose\u0301", 1),  # the accent as a character of its own
        ("Straße", "STRASSE", 1),
        ("Ｒｉｇａ", "riga", 1),
        ("«Рига»", "рига.", 1),
        ("she works — naïvely", "she worked naively", 1),
        ("Она живёт в Риге", "Он живёт в Осло", 1 / 2),
        ("她住在里加", "他住在里加", 4 / 5),
        ("她住在 Riga", "她在 Riga", 3 / 4),
        ("में", "मा", 0),  # vowel signs are no accents
        ("Рига", "Осло", 0),
        ("Рига", "", 0),
    ],
)
def test_rouge_of_words_beyond_ascii(answer, response, recall):
    assert rouge.rouge1_recall(one(answer=answer, response=response)).tolist() == [recall]


@pytest.mark.parametrize("protocol", ["official", "official_idefics2"])
def test_the_official_rouge_stays_as_published(protocol):
    """It sees no word in Cyrillic letters, and "jos" in José."""
    rows = [{"answer": "Рига", "response": "Рига"}, {"answer": "José", "response": "Jose"}]
    rows.append({"answer": "José", "response": "Josü"})
    records = frame(*({**row, "protocol": protocol} for row in rows))
    assert rouge.rouge1_recall(records).tolist() == [0, 0, 1]


def test_bleu_by_hand():
    """Of 5 words 4 are right: precisions 4/5, 3/4, 2/3, 1/2, equal lengths: (1/5) ** (1/4)."""
    records = one(answer="he lives in northern Riga", response="he lives in northern Oslo")
    assert bleu.bleu(records) == pytest.approx([0.2**0.25])


def test_bleu_smooths_missing_orders():
    """Two words of two right: the orders 3 and 4 have no n-grams, which method 1 counts as 0.1 of 1 each."""
    records = one(answer="in Riga", response="in Riga")
    assert bleu.bleu(records) == pytest.approx([math.sqrt(0.1)])
    assert bleu.bleu(one(answer="in Riga", response="")).tolist() == [0.0]
