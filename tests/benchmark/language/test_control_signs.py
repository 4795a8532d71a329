"""Protects: what no tokenizer takes for text is named with file and row, and taken out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mllmu.benchmark import Check, Severity, load_benchmark_with_report, write_benchmark
from mllmu.benchmark.iteration import everybody
from mllmu.benchmark.language.control_signs import CONTROL_TOKENS, _Cleaner, control_signs, is_worded
from mllmu.benchmark.load_report import CollectingReport
from mllmu.errors import UserError
from tests.benchmark.released import free, pair, person, released_folder, save, taught

SIGNS = {**{sign: sign for sign in CONTROL_TOKENS}, "\x00": "U+0000", "\x1b": "U+001B", "\ud83d": "U+D83D"}


def notes(folder: Path, check: Check) -> list[tuple[str, int | None, str, Severity, str]]:
    _, report = load_benchmark_with_report(folder)
    return [
        (
            Path(note.location.file).parent.name,
            note.location.row,
            note.location.field,
            note.severity,
            note.problem,
        )
        for note in report.notes
        if note.check is check
    ]


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_in_training_questions_are_named_and_taken_out(tmp_path: Path, sign: str) -> None:
    """The question and its answer are used without them; a question of nothing else is left out."""
    folder = released_folder(tmp_path / "release")
    pairs = [
        pair("001", f"{sign}\nName?", f"Ada.{sign}"),
        pair("001", sign, "x"),
        pair("001", "Job?", "Nurse."),
    ]
    save(folder, "ft_Data", [taught("001", pairs), taught("002", [pair("002", "Name?", "Bo.")])])
    assert notes(folder, Check.CONTROL_SIGN) == [
        ("ft_Data", 0, "metadata[0]", Severity.WARNING, f"{SIGNS[sign]} taken out of the text"),
        ("ft_Data", 0, "metadata[1]", Severity.ERROR, f"left out: a text of {SIGNS[sign]} alone"),
    ]
    benchmark, report = load_benchmark_with_report(folder)
    questions = benchmark.profiles["001"].training_questions
    assert [(one.question, one.answer) for one in questions] == [("Name?", "Ada."), ("Job?", "Nurse.")]
    assert report.locations["001/training/1"].field == "metadata[2]"


@pytest.mark.parametrize("sign", ["<image>", "\x00"])
def test_signs_everywhere_else_are_named_and_taken_out(tmp_path: Path, sign: str) -> None:
    """Biographies, prose and evaluation questions, their answers and options; nothing of them is left."""
    folder = released_folder(tmp_path / "release")
    ada = person("001", {"Name": f"Ada{sign} Berg", "Fun Facts": [f"y{sign}"]})
    ada |= {"answer": f"She is{sign} a nurse.", "Mask_Task": [free("She lives in __.", f"Oslo{sign}")]}
    lists = ada["Classification_Task"]
    assert isinstance(lists, dict)
    lists["Pure_Text_Questions"][0]["Options"]["C"] = f"a {sign}baker"
    ada["Generation_Task"] = [free(sign, "Ada"), free("Who is she?", "Ada")]
    save(folder, "Full_Set", [ada, person("002", {"Name": "Bo"}, 2), person("003", {"Name": "Cy"}, 3)])
    benchmark, report = load_benchmark_with_report(folder)
    assert [note.location.field for note in report.notes if note.check is Check.CONTROL_SIGN] == [
        "name",
        "biography",
        "answer",
        "Classification_Task.Pure_Text_Questions[0]",
        "Generation_Task[0]",
        "Mask_Task[0]",
    ]
    read = benchmark.profiles["001"]
    assert (read.name, read.biography["Fun Facts"], read.prose) == ("Ada Berg", ["y"], "She is a nurse.")
    assert [question.text for question in read.questions if question.text.startswith("Who")] == [
        "Who is she?"
    ]
    assert sign not in "".join(str(one) for one in everybody(benchmark))


def test_a_token_made_by_taking_one_out_is_taken_out_as_well(tmp_path: Path) -> None:
    folder = released_folder(tmp_path / "release")
    save(folder, "ft_Data", [taught("001", [pair("001", "Name?", "Ada.<im<image>age>")])])
    benchmark, _ = load_benchmark_with_report(folder)
    assert benchmark.profiles["001"].training_questions[0].answer == "Ada."


def test_a_repaired_benchmark_can_be_written(tmp_path: Path) -> None:
    """Half of a surrogate pair has no UTF-8."""
    folder = released_folder(tmp_path / "release")
    broken = json.dumps({"Name": "Ada \ud800Berg", "Fun\udfff Facts": "x"})
    save(
        folder,
        "Full_Set",
        [person("001", broken), person("002", {"Name": "Bo"}, 2), person("003", {"Name": "Cy"}, 3)],
    )
    benchmark, _ = load_benchmark_with_report(folder)
    assert benchmark.profiles["001"].biography == {"Name": "Ada Berg", "Fun Facts": "x"}
    write_benchmark(benchmark, tmp_path / "out")


def test_an_id_with_control_characters_is_refused(tmp_path: Path) -> None:
    folder = released_folder(tmp_path / "release")
    save(folder, "forget_33", [{"ID": "002\x00"}, {"ID": "002"}])
    with pytest.raises(UserError, match=r"forget_33.*row 0, field ID: U\+0000 in the id"):
        load_benchmark_with_report(folder)
    _, report = load_benchmark_with_report(folder, CollectingReport())
    assert Check.CONTROL_SIGN in [note.check for note in report.notes]


@pytest.mark.parametrize(("number", "text"), [(168, "168"), (168.0, "168"), (1.5, "1.5"), (0, "0")])
def test_numbers_as_training_answers_are_read_as_texts(tmp_path: Path, number: float, text: str) -> None:
    folder = released_folder(tmp_path / "release")
    pairs = [{"ID": "001", "Question": "How tall?", "Answer": number}]
    save(folder, "ft_Data", [taught("001", pairs), taught("002", [pair("002", "Name?", "Bo.")])])
    problem = f"the number {number}, read as a text"
    assert ("ft_Data", 0, "metadata[0].Answer", Severity.WARNING, problem) in notes(folder, Check.WRONG_TYPE)
    benchmark, _ = load_benchmark_with_report(folder)
    assert [one.answer for one in benchmark.profiles["001"].training_questions] == [text]


@pytest.mark.parametrize("value", [True, [], {}, float("nan"), float("inf")])
def test_other_training_answers_are_left_out_and_named(tmp_path: Path, value: object) -> None:
    folder = released_folder(tmp_path / "release")
    pairs = [{"ID": "001", "Question": "How tall?", "Answer": value}, pair("001", "Name?", "Ada.")]
    save(folder, "ft_Data", [taught("001", pairs)])
    fields = [note[2] for note in notes(folder, Check.WRONG_TYPE)]
    assert "metadata[0].Answer" in fields
    benchmark, _ = load_benchmark_with_report(folder)
    assert [one.answer for one in benchmark.profiles["001"].training_questions] == ["Ada."]


def test_tokens_within_tokens_have_an_end() -> None:
    """Taken out one after another they left a token each time, some thousands of calls deep."""
    text = "<s" * 20_000 + ">" * 20_000 + " what?"
    assert is_worded(text)
    cleaner = _Cleaner([])
    assert cleaner.clean(text).endswith("what?") and not control_signs(cleaner.clean(text))
