"""Protects the script's files: keys, order and kinds of numbers, worked out by hand."""

import json

import pytest

from mllmu.evaluation.protocols.official.official_files import final_results, write_results
from tests.evaluation.rows import frame

NOTHING = {"image_textual_accuracy": 0, "pure_text_accuracy": 0}
NO_CHOICE = {"Image-Textual Question Accuracy": 0, "Pure Text Question Accuracy": 0}


def free(modality, response, answer, **more):
    return {"task": "generation", "modality": modality, "response": response, "answer": answer, **more}


def cloze(modality, response, answer):
    return {"task": "cloze", "modality": modality, "response": response, "answer": answer}


def choice(modality, chosen, correct):
    more = {"letter_response": chosen, "chosen_letter": chosen, "correct_option": correct}
    return {"task": "classification", "modality": modality, **more}


RECORDS = frame(
    cloze("image_text", "It is RIGA, I think", "Riga"),
    cloze("image_text", "Oslo", "Riga"),
    cloze("image_text", "", "Riga"),
    choice("image_text", "B", "B"),
    choice("image_text", "", "B"),
    choice("text", "A", "E"),
    free("text", "the cat ran", "the cat sat", profile_id="001", question="Who?"),
    free("image_text", "caf\u00e9", "caf\u00e9", profile_id="001", question="Where?"),
    free("text", "", "the cat sat", profile_id="002", question="Who?"),
    {**free("text", "x", "x", profile_id="Ada", question="Who?"), "eval_set": "celebrity"},
)


def test_every_number_stands_where_the_script_puts_it():
    """1 of 3 blanks; 1 of 2 letters; the letter E is none of the options', so 0 of 1.

    "the cat ran" for "the cat sat": 2 of 3 unigrams, 1 of 2 bigrams, and nothing for the empty answer.
    """
    found = final_results(RECORDS)
    assert list(found) == [
        "Forget Set Results",
        "Test Set Results",
        "Retain Set (shared dataset) Results",
        "Retain Set (real person) Results",
    ]
    forget = found["Forget Set Results"]
    assert list(forget) == ["fill_in_the_blank", "classification", "generation"]
    assert forget["fill_in_the_blank"] == {"image_textual_accuracy": 1 / 3 * 100, "pure_text_accuracy": 0}
    assert forget["classification"] == {
        "Image-Textual Question Accuracy": 50.0,
        "Pure Text Question Accuracy": 0.0,
    }
    titles = ("ROUGE-1", "ROUGE-2", "ROUGE-L", "BLEU")
    assert list(forget["generation"]) == [
        f"Average {title} ({kind})" for kind in ("Image_Textual", "Pure_Text") for title in titles
    ]
    assert forget["generation"]["Average ROUGE-1 (Image_Textual)"] == 1
    assert forget["generation"]["Average ROUGE-1 (Pure_Text)"] == pytest.approx(1 / 3, abs=1e-12)
    assert forget["generation"]["Average ROUGE-2 (Pure_Text)"] == pytest.approx(1 / 4, abs=1e-12)
    assert forget["generation"]["Average ROUGE-L (Pure_Text)"] == pytest.approx(1 / 3, abs=1e-12)
    assert found["Test Set Results"] == {
        "fill_in_the_blank": NOTHING,
        "classification": NO_CHOICE,
        "generation": {},
    }
    assert len(found["Retain Set (real person) Results"]["generation"]) == 4


def test_what_was_not_asked_is_the_integer_zero():
    """The script's own fallback is ``0``; a share of what was asked is a float."""
    forget = final_results(RECORDS)["Forget Set Results"]
    assert type(forget["fill_in_the_blank"]["pure_text_accuracy"]) is int
    assert type(forget["classification"]["Pure Text Question Accuracy"]) is float


def test_sums_are_made_one_after_the_other():
    """.1 + .2 + .3 in this order is .6000000000000001, but .6 for Python 3.12's compensated sum."""
    asked = [free("text", "a b c d e f g h i j", "a z z z z z z z z z")] * 3
    total = final_results(frame(*asked))["Forget Set Results"]["generation"]["Average ROUGE-1 (Pure_Text)"]
    assert total == (0.1 + 0.1 + 0.1) / 3 != 0.1


def test_the_files_are_those_of_the_script(tmp_path):
    """Indented by four, ASCII in the generations only, no line end; questions in the order of asking."""
    write_results(RECORDS, "npo", tmp_path)
    modes = ("forget", "test", "retain_shared", "retain_celebrity")
    assert {path.name for path in tmp_path.iterdir()} == {
        "npo_final_evaluation_results.json",
        *(f"{mode}_generation_results.json" for mode in modes),
    }
    forget = (tmp_path / "forget_generation_results.json").read_text(encoding="utf-8")
    assert forget.startswith(
        '{\n    "Generation_Questions": [\n        {\n            "image_id": "001",\n'
        '            "question type": "Pure_Text",\n            "question": "Who?",\n'
        '            "generated_answer": "the cat ran",\n            "ground_truth": "the cat sat"\n'
        "        },\n"
    )
    assert '"generated_answer": "caf\\u00e9"' in forget
    assert forget.endswith("    ]\n}")
    assert json.loads(forget)["Generation_Questions"][2]["image_id"] == "002"
    empty = (tmp_path / "test_generation_results.json").read_text(encoding="utf-8")
    assert empty == '{\n    "Generation_Questions": []\n}'
    final = (tmp_path / "npo_final_evaluation_results.json").read_text(encoding="utf-8")
    assert json.loads(final) == final_results(RECORDS)
    assert final.startswith('{\n    "Forget Set Results": {\n        "fill_in_the_blank": {\n')
