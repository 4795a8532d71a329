"""Protects the judge's files: what eval_gpt.py writes is read, matched with answers, and written alike."""

import json

import pytest

from mllmu.benchmark.types import EvaluationSet
from mllmu.errors import UserError
from mllmu.evaluation import score
from mllmu.evaluation.protocols.official.judgements import (
    Judgement,
    judged,
    mean_score,
    read_judgements,
    write_judgements,
)
from tests.evaluation.rows import frame

FORGET = EvaluationSet.FORGET
SAID = [
    Judgement("001", "Who?", 9, "the caf\u00e9 is right"),
    Judgement("001", "Where?", None, None),
    Judgement("002", "Who?", 2, "wrong"),
]
RECORDS = frame(
    {"task": "cloze", "profile_id": "001", "question": "In __."},
    {"profile_id": "001", "question": "Who?", "modality": "image_text"},
    {"profile_id": "001", "question": "Where?"},
    {"profile_id": "002", "question": "Who?", "modality": "image_text"},
    {"profile_id": "Ada", "question": "Who?", "eval_set": "celebrity"},
)


def test_a_file_is_written_as_the_script_writes_it(tmp_path):
    """Mean of 9 and 2; what was not read is null twice, and in no mean."""
    path = tmp_path / "scores.json"
    write_judgements(SAID, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(
        '[\n    {\n        "Task Type": "Generation",\n        "Image_ID": "001",\n'
        '        "Question": "Who?",\n'
        '        "Factuality Score": 9,\n        "Justification": "the caf\\u00e9 is right"\n    },\n'
    )
    assert text.endswith(
        '    {\n        "Average Generation Factuality Score": 5.5,\n'
        '        "Average Description Factuality Score": 0\n    }\n]'
    )
    assert json.loads(text)[1]["Factuality Score"] is None
    assert read_judgements(path) == SAID
    assert mean_score([SAID[1]]) == 0


@pytest.mark.parametrize(
    ("written", "score"),
    [
        (7, 7),
        ("8", 8),
        (" 10 ", 10),
        (None, None),
        (0, None),
        (11, None),
        ("8/10", None),
        (7.5, None),
        (8.0, 8),
        ("9" * 5000, None),
        ([], None),
    ],
)
def test_only_whole_numbers_from_one_to_ten_are_scores(tmp_path, written, score):
    entry = {"Task Type": "Generation", "Image_ID": "a", "Question": "q", "Factuality Score": written}
    other = {"Task Type": "Description", "Image_ID": "a", "Question": "q", "Factuality Score": 3}
    path = tmp_path / "scores.json"
    path.write_text(json.dumps([entry, other, {"Average Generation Factuality Score": 0}]))
    assert read_judgements(path) == [Judgement("a", "q", score, None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        ("[", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('[{"Question": "q", "Question": "p"}]', "the key 'Question' stands twice"),
        ('{"a": 1}', "holds no list of objects"),
        ('[{"Task Type": "Generation", "Question": "q"}]', "entry 0, lacks Image_ID or Question"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "scores.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_judgements(path)


def test_scores_go_to_the_answers_they_are_about():
    """By hand: image 9 and 2; the one text answer could not be read: it counts 1, or is left out."""
    found = judged(RECORDS, FORGET, SAID)
    assert list(found["judge_score"].fillna(-1)) == [-1, 9, 0, 2, -1]
    scores = score(found).set_index(["modality", "metric"])["value"]
    assert scores["image_text", "factuality"] == 5.5
    assert ("text", "factuality") not in scores.index
    assert scores["text", "factuality_counted"] == 1
    assert (scores["image_text", "factuality_unread"], scores["text", "factuality_unread"]) == (0, 100)
    assert RECORDS["judge_score"].isna().all()


def test_scores_of_other_answers_are_refused():
    with pytest.raises(UserError, match="holds 2 scores for 3 questions of the forget set"):
        judged(RECORDS, FORGET, SAID[:2])
    with pytest.raises(
        UserError, match="entry 1, is about '002' and 'Who\\?'; expected '001' and 'Where\\?'"
    ):
        judged(RECORDS, FORGET, [SAID[0], SAID[2], SAID[1]])


def test_without_a_judge_there_is_the_rules_factuality_alone():
    names = set(score(RECORDS)["metric"])
    assert {name for name in names if name.startswith("factuality")} == {"factuality_rules"}
