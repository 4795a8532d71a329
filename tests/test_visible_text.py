"""Protects: no name, question or answer steers the terminal, or turns a line of it or of the page around."""

import dataclasses
import io

import pandas as pd
import pytest
from rich.table import Table

from mllmu.cli.benchmark_views import person_view
from mllmu.cli.console import VisibleConsole
from mllmu.report.numbers.scores import Scores
from mllmu.report.page import render_page
from mllmu.report.provenance import read_provenance
from mllmu.visible_text import visible
from tests.report.world import make_records, make_results
from tests.report.world_people import make_benchmark

STEERING = "a\x1b[2J\x1b]0;t\x07b\u202ec\u2066d\x9be\rf\x08\u2028"
SHOWN = r"a\x1b[2J\x1b]0;t\x07b\u202ec\u2066d\x9be\x0df\x08\u2028"


def printed(renderable, **options):
    console = VisibleConsole(file=io.StringIO(), width=200, **options)
    console.print(renderable)
    return console.file.getvalue()


def test_what_is_escaped_and_what_stays():
    assert visible(STEERING) == SHOWN
    for text in ("Riga", "two\nlines\tand a tab", "Ünï çödé, 東京, مرحبا, שלום, 👩‍🔬"):
        assert visible(text) == text


@pytest.mark.parametrize("text", [STEERING, f"[bold]{STEERING}"])
def test_nothing_printed_steers_the_terminal(text):
    table = Table("who", title=text)
    table.add_row(text)
    table.add_row(VisibleConsole().render_str(text))
    for shown in (printed(table), printed(text)):
        assert not any(character in shown for character in "\x1b\u202e\u2066\x9b\u2028")
        assert r"\u202e" in shown


def test_colours_are_still_printed():
    assert "\x1b[1m" in printed("[bold]x[/bold]", force_terminal=True, color_system="standard")


def test_a_person_with_odd_names_and_questions():
    person = next(iter(make_benchmark().profiles.values()))
    questions = tuple(
        dataclasses.replace(question, text=STEERING, answer=STEERING, options={})
        for question in person.questions[:1]
    )
    odd = dataclasses.replace(person, name=STEERING, biography={STEERING: STEERING}, questions=questions)
    shown = printed(person_view(odd, VisibleConsole(file=io.StringIO())))
    assert not any(character in shown for character in "\x1b\u202e\u2066\x9b\x07\u2028")
    assert shown.count(SHOWN) == 5


def test_the_page_shows_escapes(tmp_path):
    benchmark = make_benchmark()
    folder = tmp_path / "records"
    folder.mkdir()
    make_results(ratios=(10,), unlearned_on=("both",)).to_parquet(tmp_path / "results.parquet")
    for model in ("vanilla", "retrained"):
        records = make_records(benchmark, 10, model, "", "")
        odd = {"question": STEERING, "answer": STEERING, "response": STEERING}
        records.assign(**odd).to_parquet(folder / f"{model}-forget10-seed0.parquet")
    scores = Scores(pd.read_parquet(tmp_path / "results.parquet"))
    page = render_page(scores, benchmark, read_provenance(tmp_path), folder)
    assert not any(character in page for character in "\x1b\u202e\u2066")
    assert r"a\x1b[2J" in page
