"""Protects: a folder is read by whichever layout recognises it, and a user's layout needs no change here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mllmu.benchmark import (
    LAYOUTS,
    Benchmark,
    FolderLayout,
    load_benchmark,
    load_benchmark_with_report,
    write_benchmark,
)
from mllmu.benchmark.load_report import CollectingReport
from mllmu.benchmark.validation import validate
from mllmu.errors import UserError
from mllmu.registry import Registry
from tests.benchmark.conftest import encoded_image
from tests.benchmark.released import released_folder
from tests.extensions.their_unlearning.people_json import PeopleJson


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[FolderLayout]]:
    """The registry of layouts; what a test adds to it is gone afterwards."""
    LAYOUTS.names()
    monkeypatch.setattr(LAYOUTS, "_entries", dict(LAYOUTS._entries))
    yield LAYOUTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two people as JSON and PNG."""
    people = [
        {
            "id": "1",
            "name": "Ada Berg",
            "image": "a.png",
            "question": "Where does she live?",
            "answer": "Oslo",
        },
        {"id": "2", "name": "Bo Dahl", "image": "b.png", "question": "What is his job?", "answer": "a baker"},
    ]
    (tmp_path / "people.json").write_text(json.dumps(people), encoding="utf-8")
    for number, person in enumerate(people, start=1):
        (tmp_path / person["image"]).write_bytes(encoded_image(number))
    return tmp_path


def test_a_layout_from_outside_is_read(layouts: Registry[FolderLayout], folder: Path) -> None:
    layouts.add(PeopleJson())
    benchmark = load_benchmark(folder)
    assert [person.name for person in benchmark.profiles.values()] == ["Ada Berg", "Bo Dahl"]
    assert benchmark.profiles["1"].questions[0].answer == "Oslo"
    assert benchmark.profiles["2"].image == encoded_image(2)
    assert len(benchmark.fingerprint) == 64
    assert not benchmark.celebrities_are_fictitious


def test_a_layout_from_outside_can_be_validated_and_rewritten(
    layouts: Registry[FolderLayout], folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Issues name the folder, since this layout does not say in which file a question stands."""
    layouts.add(PeopleJson())
    issues = validate(folder).issues
    assert issues
    assert {(issue.location.file, issue.location.row) for issue in issues} == {(str(folder), None)}
    assert str(issues[0]).startswith(f"{folder}, field ")
    released = write_benchmark(load_benchmark(folder), tmp_path_factory.mktemp("released") / "people")
    assert set(load_benchmark(released).profiles) == {"1", "2"}


def test_a_folder_that_no_layout_recognises_names_the_layouts(
    layouts: Registry[FolderLayout], tmp_path: Path
) -> None:
    layouts.add(PeopleJson())
    said = (
        r"is in no layout .* mllmu-bench \(.*Parquet.*\); people-json \(a people.json beside its images\)\.$"
    )
    with pytest.raises(UserError, match=said):
        load_benchmark(tmp_path)


def test_the_released_layout_comes_first() -> None:
    assert LAYOUTS.names()[0] == "mllmu-bench"


@pytest.mark.parametrize("fictitious", [True, False])
def test_the_card_says_whether_celebrities_are_invented(
    benchmark: Benchmark, tmp_path: Path, fictitious: bool
) -> None:
    stated = replace(benchmark, celebrities_are_fictitious=fictitious)
    again = load_benchmark(write_benchmark(stated, tmp_path / "people"))
    assert again.celebrities_are_fictitious is fictitious
    assert again.fingerprint == benchmark.fingerprint


def test_a_name_with_a_fence_in_it_stays_whole(benchmark: Benchmark, tmp_path: Path) -> None:
    """Else the card would end there, and say nothing of what follows."""
    name = f"{'a' * 60} {'b' * 18}--- ccc ddddd eeee"
    stated = replace(benchmark, name=name, celebrities_are_fictitious=True)
    again = load_benchmark(write_benchmark(stated, tmp_path / "people"))
    assert (again.name, again.celebrities_are_fictitious) == (name, True)


@pytest.mark.parametrize(("name", "fictitious"), [("synthetic", True), ("MLLMU-Bench", False)])
def test_cards_without_the_statement_are_judged_by_the_generators_name(
    tmp_path: Path, name: str, fictitious: bool
) -> None:
    folder = released_folder(tmp_path / "people")
    (folder / "README.md").write_text(f"---\npretty_name: {name}\n---\n", encoding="utf-8")
    assert load_benchmark(folder).celebrities_are_fictitious is fictitious


@pytest.mark.parametrize(
    "header",
    [
        "pretty_name: mine\nreleased: 2024-02-30",
        "pretty_name: mine\na: " + "[" * 600 + "]" * 600,
        "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\npretty_name: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]",
        "pretty_name: [a, b]",
        "pretty_name:",
        'pretty_name: " "',
        'pretty_name: "two\\nlines"',
        "pretty_name: " + "x" * 201,
    ],
    ids=["no such day", "too deep", "aliases", "list", "nothing", "blank", "lines", "long"],
)
def test_a_card_without_a_name_to_print_leaves_that_of_the_folder(tmp_path: Path, header: str) -> None:
    """A card is written by whoever published the people."""
    folder = released_folder(tmp_path / "people")
    (folder / "README.md").write_text(f"---\n{header}\n---\n", encoding="utf-8")
    assert load_benchmark(folder).name == "people"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"---\na: [\n---\n", "begins with a header that is no YAML"),
        (b"---\n- a\n---\n", "begins with a header that is no mapping"),
        (b"\xff---\n", "is no text in UTF-8"),
        (b"# Title\n---\npretty_name: no header\n---\n", ""),
        (b"", ""),
    ],
)
def test_a_card_that_cannot_be_read_is_told_of(tmp_path: Path, text: bytes, problem: str) -> None:
    folder = released_folder(tmp_path / "people")
    (folder / "README.md").write_bytes(text)
    benchmark, report = load_benchmark_with_report(folder, CollectingReport())
    notes = [str(note) for note in report.notes if "README.md" in str(note)]
    assert benchmark.name == "people" and len(notes) == bool(problem) and problem in "".join(notes)


def test_a_card_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    folder = released_folder(tmp_path / "people")
    (folder / "README.md").write_text("---\npretty_name: synthetic\n---\n", encoding="utf-8-sig")
    benchmark = load_benchmark(folder)
    assert benchmark.name == "synthetic" and benchmark.celebrities_are_fictitious


def test_a_folder_called_like_generated_people_makes_nobody_invented(tmp_path: Path) -> None:
    folder = released_folder(tmp_path / "synthetic")
    for text in (None, "---\nlicense: mit\n---\n"):
        if text:
            (folder / "README.md").write_text(text, encoding="utf-8")
        assert not load_benchmark(folder).celebrities_are_fictitious


def test_released_celebrities_are_real(tmp_path: Path) -> None:
    assert not load_benchmark(released_folder(tmp_path / "people")).celebrities_are_fictitious
