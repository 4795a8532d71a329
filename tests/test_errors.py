from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue
from mllmu.errors import UserError
from mllmu.visible_text import brief


def test_a_mistake_is_told_on_one_line_whatever_it_quotes():
    assert str(UserError("a\nb\u2028c\x1b[2J \ud800")) == r"a b\u2028c\x1b[2J \ud800"
    page = str(UserError("http://host failed (" + "<p>busy</p>\n" * 9999 + "); expected an answer."))
    assert len(page) <= 3000
    assert page.startswith("http://host failed (") and page.endswith("; expected an answer.")


def test_a_note_is_one_line_though_an_id_has_a_line_break():
    note = ValidationIssue(Severity.ERROR, Check.DUPLICATE_ID, Location("a.parquet", 1, "ID"), "a\nb", "c")
    assert str(note) == "a.parquet, row 1, field ID: a b; expected c."


def test_what_somebody_wrote_is_shown_in_brief():
    endless: list[object] = [1]
    endless.append(endless)
    assert brief("many") == "'many'" and len(brief("x" * 9999)) < 300
    assert len(brief(endless)) < 300 and len(brief(10**4000)) < 300
