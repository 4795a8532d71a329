"""Tables: the right number in the right cell, honest marks, and text that cannot become code."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from rich.console import Console

from mllmu.errors import UserError
from mllmu.report import terminal_table
from mllmu.report.names import TABLE_SETS, letter_metrics, table_metrics
from mllmu.report.numbers.scores import Score, Scores
from mllmu.report.numbers.standings import utility_title
from mllmu.report.tables.formats.latex import escape, to_latex
from mllmu.report.tables.formats.markdown import to_markdown
from mllmu.report.tables.grid import Cell, Mark
from mllmu.report.tables.paper_table import make_grids
from tests.report.world import METHODS, SETS, make_results

HOSTILE = "<script>alert(1)</script>|_&%$#{}~^\\"


def test_every_cell_is_the_frames_number(results):
    """A table that shows a neighbour's number would be worse than none."""
    grids = {grid.name: grid for grid in make_grids(results)}
    grid = grids["forget_10-text"]
    frame = results.set_index(
        ["model", "method", "unlearn_modality", "forget_ratio", "eval_set", "modality", "task", "metric"]
    ).sort_index()
    sets = [name for name in TABLE_SETS if name in SETS]
    keys = [(name, metric.task, metric.key) for name in sets for metric in table_metrics("strict")]
    for block, modality in zip(grid.blocks, ("image_text", "text"), strict=True):
        for row, method in zip(block.methods, METHODS, strict=True):
            for cell, (eval_set, task, metric) in zip(row.cells, keys, strict=True):
                key = ("unlearned", method, "text", 10, eval_set, modality, task, metric)
                found = frame.loc[[key]]
                assert len(found) == 1
                assert cell.score.value == pytest.approx(found["value"].item())
                assert cell.score.low == pytest.approx(found["ci_low"].item())
                assert cell.score.n == found["n"].item()


def test_other_facts_of_the_people_to_forget_stand_beside_them_and_count_as_utility(results):
    """Where some facts alone are to be forgotten; elsewhere nothing says a word of it."""
    of_facts = results.assign(eval_set=results["eval_set"].replace("holdout", "same_person"))
    named, usual = (make_grids(frame)[-1] for frame in (of_facts, results))
    assert [group.title for group in named.groups] == ["Forget", "Test", "Same person", "Retain", "Celebrity"]
    assert "Same person for others of the same people" in named.caption
    assert "Same person" not in usual.caption
    assert utility_title(Scores(of_facts)) == "same person, retain and celebrity"
    assert utility_title(Scores(results), "or") == "retain or celebrity"


def test_one_table_per_ratio_and_way_of_unlearning(results):
    """The paper's form: nothing that differs in what was forgotten or how shares a table."""
    names = [grid.name for grid in make_grids(results)]
    assert names == [f"forget_{ratio}-{way}" for ratio in (5, 10) for way in ("image_text", "text", "both")]


def test_references_are_never_marked_and_damage_is(results):
    """Vanilla is not a method; GA loses 20 points of utility here and is flagged, the others are not."""
    for grid in make_grids(results):
        for block in grid.blocks:
            assert all(cell.mark is Mark.PLAIN for row in block.references for cell in row.cells)
            damaged = {row.title for row in block.methods if any(cell.damaged for cell in row.cells)}
            assert damaged == {"GA"}


def test_seeds_are_averaged_with_their_spread():
    """Three seeds 10, 20, 30 with 1 to either side: by Student's t hypot(1, 4.3027 * 10 / sqrt(3)) around 20,
    but no less than 0."""
    frame = make_results(ratios=(5,), unlearned_on=(), seeds=(0, 1, 2))
    values = frame["seed"].map({0: 10.0, 1: 20.0, 2: 30.0})
    frame = frame.assign(value=values, ci_low=values - 1, ci_high=values + 1)
    scores = Scores(frame)
    condition = scores.conditions[0]
    vanilla, metric = scores.references(condition)[0], table_metrics("strict")[0]
    score = scores.find(vanilla, condition, "forget", "text", metric)
    assert score.value == pytest.approx(20)
    assert score.high - 20 == pytest.approx(math.hypot(1, 4.302653 * 10 / math.sqrt(3)), rel=1e-5)
    assert score.low == 0


@pytest.mark.parametrize(
    "drop", ["models", "sets", "modality", "values", "intervals", "everything unlearned"]
)
def test_partial_results_render(drop, results):
    """A run that is not finished, or leaves something out, still shows what it has."""
    frame = results[results["forget_ratio"] == 5].copy()
    if drop == "models":
        frame = frame[~frame["model"].isin(["vanilla", "retrained"])]
    elif drop == "sets":
        frame = frame[frame["eval_set"].isin(["forget", "holdout"])]
    elif drop == "modality":
        frame = frame[frame["modality"] == "text"]
    elif drop == "values":
        frame.loc[frame["method"] == "npo", "value"] = math.nan
    elif drop == "intervals":
        frame[["ci_low", "ci_high"]] = math.nan
    else:
        frame = frame[frame["model"] != "unlearned"]
    for grid in make_grids(frame):
        assert "nan" not in to_markdown(grid) + to_latex(grid)
    console = Console(width=100, record=True, file=None)
    with console.capture() as capture:
        console.print(terminal_table(frame))
    assert "Forgetting 5 %" in capture.get()


def _with_letters(frame, protocol="strict"):
    """The frame and, for every classification score, those by letter; NPO never writes one."""
    choices = frame[frame["task"] == "classification"]
    invalid = (choices["method"] == "npo") * 90.0 + 5
    letters = [
        choices.assign(metric="letter_accuracy", value=100 - invalid),
        choices.assign(metric="letter_likelihood_accuracy", value=25.0),
        choices.assign(metric="letter_invalid", value=invalid),
    ]
    return pd.concat([frame, *letters], ignore_index=True).assign(protocol=protocol)


def test_letters_have_a_table_of_their_own(results):
    """After the paper's tables, which stay readable; there is none where letters were not asked for."""
    frame = _with_letters(results[results["forget_ratio"] == 5])
    names = [grid.name for grid in make_grids(frame)]
    ways = ("image_text", "text", "both")
    assert names == [f"forget_5-{way}" for way in ways] + [f"forget_5-{way}-letters" for way in ways]
    letters = make_grids(frame)[3]
    assert [group.columns for group in letters.groups] == [("Letter", "Likeliest", "Invalid ↓")] * 4
    assert "Invalid: no one letter can be read" in letters.caption
    assert "letters" not in "".join(grid.name for grid in make_grids(results))


def test_few_invalid_letters_are_no_damage(results):
    """Too few of them fall far below vanilla's, and that is good."""
    frame = _with_letters(results[results["forget_ratio"] == 5])
    index = [metric.key for metric in letter_metrics()].index("letter_invalid")
    for block in make_grids(frame)[3].blocks:
        for row in block.methods:
            assert not any(cell.damaged for cell in row.cells[index :: len(letter_metrics())])


def test_letters_that_are_guessed_have_no_table(results):
    """Where vanilla's interval reaches down to one of four, letters say nothing about anybody."""
    frame = _with_letters(results[results["forget_ratio"] == 5])
    is_letter = frame["metric"].str.startswith("letter") & (frame["model"] == "vanilla")
    frame.loc[is_letter, ["value", "ci_low", "ci_high"]] = [30.0, 24.0, 36.0]
    assert "letters" not in "".join(grid.name for grid in make_grids(frame))


def test_a_table_shows_the_headline_of_its_protocol(results):
    """The official protocol knows no option likelihood: its classification is the letter that was written."""
    frame = _with_letters(results[results["forget_ratio"] == 5], "official")
    grid = make_grids(frame)[0]
    assert grid.caption.startswith("Class.: accuracy of the written letter")
    assert {row.cells[0].text for row in grid.blocks[0].methods} == {"95.0", "5.0"}
    unknown = frame.assign(protocol="offical")
    with pytest.raises(UserError, match="unknown protocol 'offical': did you mean 'official'"):
        make_grids(unknown)


def test_missing_column_is_a_sentence(results):
    """A frame from elsewhere is refused by name, not with a KeyError."""
    with pytest.raises(UserError, match="'ci_low'"):
        make_grids(results.drop(columns="ci_low"))
    with pytest.raises(UserError, match="no rows"):
        make_grids(results.iloc[:0])


def test_terminal_shows_all_numbers_without_wrapping(results):
    """Whatever the width, no number is cut; a narrow terminal gets more parts, not fewer numbers."""
    frame = results[(results["forget_ratio"] == 5) & results["unlearn_modality"].isin(["", "both"])]
    (grid,) = make_grids(frame)
    for width in (80, 120, 220):
        console = Console(width=width)
        with console.capture() as capture:
            console.print(terminal_table(frame))
        shown = capture.get()
        for row in grid.blocks[1].methods:
            assert all(cell.text in shown and cell.interval in shown for cell in row.cells)
        assert "…" not in shown
        assert "n=25" in shown and "5 people" in shown


def test_latex_escapes_and_balances():
    """A method's name can hold anything; the table must still compile."""
    frame = make_results(ratios=(5,), unlearned_on=("both",), methods=("ga", "npo")).replace({"npo": HOSTILE})
    (grid,) = make_grids(frame)
    text = to_latex(grid)
    assert escape(HOSTILE) in text
    assert escape("a_b&c%\\") == r"a\_b\&c\%\textbackslash{}"
    assert escape("↑↓−²") == r"$\uparrow$$\downarrow$$-$$^2$"
    assert HOSTILE not in text
    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    body = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    assert {line.replace(r"\&", "").count("&") for line in body} == {16}


def test_markdown_escapes():
    """A pipe would break the table, and a tag would be run by whatever renders it."""
    frame = make_results(ratios=(5,), unlearned_on=("both",), methods=("ga", "npo")).replace({"npo": HOSTILE})
    text = to_markdown(make_grids(frame)[0])
    assert "<script>" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in rows} == {18}


def test_nan_counts_do_not_break(results):
    """Some writers leave n out where a score is missing."""
    frame = results.assign(n=pd.array([None] * len(results), dtype="Int64"))
    assert make_grids(frame)[0].blocks[0].counts[0].split(", ")[0] == "0"


@pytest.mark.parametrize(
    ("low", "high", "decimals", "shown"),
    [
        (69.15028921812392, 100.0, 1, "[69–100]"),
        (0.0, 30.84, 1, "[0–31]"),
        (68.99999999999, 90.00000000001, 1, "[69–90]"),  # no wider for the sake of rounding
        (93.4, 93.4, 1, "[93–94]"),  # contains the 93.4 that stands before it
        (0.4149, 0.5201, 3, "[0.41–0.53]"),
        (1.94, 8.06, 2, "[1.9–8.1]"),
        (math.nan, math.nan, 1, "[–]"),
    ],
)
def test_an_interval_shows_both_ends_and_is_never_narrower(low, high, decimals, shown):
    """Half a width would say that a perfect score may lie above 100, or that nothing is certain."""
    assert Cell(Score(low, low, high, 1), decimals).interval == shown
    assert Cell(None, decimals).interval == ""


def test_every_form_of_a_table_shows_both_ends(results):
    """The value stands before its interval, in whatever the writer makes of brackets and dashes."""
    frame = results[(results["forget_ratio"] == 5) & results["unlearn_modality"].isin(["", "both"])]
    frame = frame.assign(value=100.0, ci_low=69.150289, ci_high=100.0)
    (grid,) = make_grids(frame[frame["task"] == "cloze"])
    assert r"100.0 \[69–100\] |" in to_markdown(grid)
    assert r"100.0 {\scriptsize [69--100]}" in to_latex(grid)
    assert "In brackets is the 95 % interval over people" in grid.caption
    assert "[–] where it is unknown, as with a single person" in grid.caption


def test_headings_count_questions_and_people(results):
    """5 % of a hundred people are five to forget, with two questions in blanks about each."""
    frame = results[(results["forget_ratio"] == 5) & (results["task"] == "cloze")]
    grid = make_grids(frame)[0]
    assert grid.blocks[0].counts[0] == "10, 5 people"
    assert "Forget Cloze<br>n=10, 5 people" in to_markdown(grid)
    assert "n = 10, 5 people" in grid.blocks[0].methods[0].cells[0].details
    one = make_grids(frame.assign(n_people=1))[0]
    assert one.blocks[0].counts[0] == "10, 1 person"
    some = make_grids(frame.assign(n_people=range(1, len(frame) + 1)))[0]
    assert "–" in some.blocks[0].counts[0] and some.blocks[0].counts[0].endswith(" people")


def test_results_of_earlier_versions_have_no_people(results):
    frame = results[(results["forget_ratio"] == 5) & (results["task"] == "cloze")]
    assert make_grids(frame.drop(columns="n_people"))[0].blocks[0].counts[0] == "10"


def test_recall_goes_from_easy_to_hard(results):
    """Training questions and withheld wordings stand beside what is always asked; without them, no table."""
    assert not [grid for grid in make_grids(results) if grid.name.endswith("-recall")]
    asked = results[results["eval_set"] == "test"]
    more = [
        asked.assign(eval_set=name, value=share) for name, share in (("trained", 87.5), ("withheld", 12.5))
    ]
    grids = [grid for grid in make_grids(pd.concat([results, *more])) if grid.name.endswith("-recall")]
    assert grids
    assert [group.title.split()[0] for group in grids[0].groups] == ["Trained", "Forget", "Test", "Withheld"]
    row = to_markdown(grids[0]).split("| Vanilla |")[1].split("\n")[0]
    assert "87.5" in row.split("|")[0] and "12.5" in row.split("|")[-2]


def test_what_became_unlikely_stands_in_the_order_of_a_sentence(results):
    """Echo, template and value of every set asked for sentences; in no table of other metrics as well."""
    assert not [grid for grid in make_grids(results) if grid.name.endswith("-tokens")]
    asked = results[results["metric"] == "rougeL_f"]
    names = {"echo_log_prob": -6.25, "template_log_prob": -0.5, "value_log_prob": -1.25}
    more = [asked.assign(metric=name, value=value) for name, value in names.items()]
    grids = make_grids(pd.concat([results, *more]))
    (grid, *_) = [grid for grid in grids if grid.name.endswith("-tokens")]
    assert [group.columns for group in grid.groups] == [("Echo", "Template", "Value")] * 4
    row = to_markdown(grid).split("| Vanilla |")[1].split("\n")[0].split("|")
    assert ["-6.25" in row[0], "-0.50" in row[1], "-1.25" in row[2]] == [True] * 3
    assert not [one for one in grids if one.name.endswith("-metrics") and "Echo" in to_markdown(one)]
