"""Protects: best is nearest to retrained, ties share it, and too much and too little to forget are marked."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mllmu.benchmark.types import Task
from mllmu.report.names import shown
from mllmu.report.numbers.comparisons import Comparisons, Measured, Term
from mllmu.report.numbers.ranking import has_something_to_forget, rank
from mllmu.report.numbers.scores import Scores
from mllmu.report.numbers.standings import standings
from mllmu.report.tables.cells import make_cell
from mllmu.report.tables.formats.latex import to_latex
from mllmu.report.tables.formats.markdown import to_markdown
from mllmu.report.tables.paper_table import grids_of
from mllmu.report.tables.ranking_notes import NO_RANKING, few_people_note, noise_floor
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE
from tests.report.small_run import frames, joined

CLOZE = shown("cloze_contains", Task.CLOZE)
FORGET = Measured("forget", "text", CLOZE)
EIGHT = (22, 24, 26, 28, 22, 24, 26, 28)


def _moved(points, spread=(0, 1, -1, 0, 2, -2, 1, -1)):
    """Eight people who differ from retrained by so many points, not all by the same."""
    return [value + points + own for value, own in zip(EIGHT, spread, strict=True)]


def _ranks(answers, eval_set="forget"):
    scores = joined(frames(answers, eval_set))
    condition = scores.conditions[0]
    methods = [each for each in scores.methods(condition, "both")]
    found = rank(scores.comparisons, condition, methods, [Measured(eval_set, "text", CLOZE)])
    return {lineage.method: each for lineage, each in zip(methods, found, strict=True)}


def test_best_is_nearest_to_retrained_and_not_lowest():
    """GA answers 20 points less than a model that never met these people: broken, and marked so."""
    found = _ranks(
        {
            "vanilla": _moved(60),
            "retrained": EIGHT,
            "ga:both": _moved(-20),
            "npo:both": _moved(3),
            "kl_min:both": _moved(30),
        }
    )
    assert [name for name, each in found.items() if each.best] == ["npo"]
    assert [name for name, each in found.items() if each.over_forgotten] == ["ga"]
    assert found["kl_min"].distance == pytest.approx(30)


def test_on_retain_more_than_retrained_is_no_better():
    found = _ranks({"retrained": EIGHT, "npo:both": _moved(15), "ga:both": _moved(-5)}, "retain")
    assert [name for name, each in found.items() if each.best] == ["ga"]
    assert not any(each.over_forgotten for each in found.values())


def test_who_is_not_told_from_the_best_shares_its_mark():
    """KL Min. lies 1 point farther than NPO on average, but nearer for half of the people."""
    found = _ranks(
        {
            "vanilla": _moved(60),
            "retrained": EIGHT,
            "npo:both": _moved(3),
            "kl_min:both": _moved(4, (-6, 7, -6, 7, -6, 6, -6, 4)),
            "ga:both": _moved(40),
        }
    )
    assert {name for name, each in found.items() if each.best} == {"npo", "kl_min"}


def test_equal_distances_on_both_sides_are_told_by_their_length():
    """+3 and -3 are 6 apart and equally near: both would be best, which says nothing of two methods."""
    found = _ranks({"vanilla": _moved(60), "retrained": EIGHT, "npo:both": _moved(3), "ga:both": _moved(-3)})
    assert not any(each.best for each in found.values())


def test_five_people_tell_no_method_from_another():
    """2 to the power of -4 is the least p-value, however far the methods are apart."""
    few = {"vanilla": [100] * 5, "retrained": [0] * 5, "npo:both": [10] * 5, "ga:both": [90] * 5}
    assert not any(each.best for each in _ranks(few).values())
    scores = joined(frames(few))
    assert "5 people to forget can give no p-value below 0.0625, so no" in few_people_note(
        scores, scores.conditions[0], 1
    )
    six = joined(frames({name: [*values, values[0]] for name, values in few.items()}))
    assert few_people_note(six, six.conditions[0], 1) == ""
    assert "0.03125, 0.062 once 2 are adjusted together" in few_people_note(six, six.conditions[0], 2)
    alone = joined(frames({"vanilla": [100], "retrained": [0]}))
    assert few_people_note(alone, alone.conditions[0], 0).startswith("1 person to forget")


@pytest.mark.parametrize(
    ("vanilla", "is_something"),
    [
        ([100] * 5, True),  # all five: one of 32 by chance
        ([100, 100, 100, 100, 0], False),  # four of five and one the same: one of 16
        ([0] * 5, False),
        ([0, 0, 0, 0, 100], False),
    ],
)
def test_vanilla_has_to_beat_retrained(vanilla, is_something):
    scores = joined(frames({"vanilla": vanilla, "retrained": [0] * 5}))
    condition = scores.conditions[0]
    assert has_something_to_forget(scores.comparisons, condition, FORGET) is is_something
    cell = make_cell(scores, condition, VANILLA_LINEAGE, "forget", "text", CLOZE)
    assert cell.signs == ("" if is_something else "∅")
    assert make_cell(scores, condition, RETRAINED_LINEAGE, "forget", "text", CLOZE).signs == ""


def test_nothing_is_best_where_there_is_nothing_to_forget():
    answers = {"vanilla": EIGHT, "retrained": EIGHT, "npo:both": _moved(3), "ga:both": _moved(40)}
    assert not any(each.best for each in _ranks(answers).values())
    assert any(each.best for each in _ranks({**answers, "vanilla": _moved(60)}).values())


def test_rendered_marks_and_their_meaning():
    """∅ and ▽ stand in Markdown and LaTeX, with a caption that says what they are."""
    scores = joined(
        frames(
            {
                "vanilla": _moved(60),
                "retrained": EIGHT,
                "ga:both": _moved(-20),
                "npo:both": _moved(3),
            }
        ),
        frames({"vanilla": EIGHT, "retrained": EIGHT, "npo:both": _moved(3)}, "test"),
    )
    (grid,) = grids_of(scores)
    text, latex = to_markdown(grid), to_latex(grid)
    (ga,) = [line for line in text.splitlines() if line.startswith("| GA")]
    (npo,) = [line for line in text.splitlines() if line.startswith("| NPO")]
    (vanilla,) = [line for line in text.splitlines() if line.startswith("| Vanilla")]
    assert "5.0" in ga
    assert ga.count("▽") == 1
    assert npo.count("**28.0**") == 1
    assert vanilla.count("∅") == 1
    assert r"$\triangledown$" in latex
    assert r"$\emptyset$" in latex
    assert "nearest to Retrained" in grid.caption
    assert all(sign in grid.caption for sign in "▽∅▼")


def test_without_scores_of_people_nothing_is_ranked_and_the_table_says_why(results):
    for grid in grids_of(Scores(results)):
        assert NO_RANKING in grid.caption
        assert "**" not in to_markdown(grid).replace("questions**", "").replace("**Image", "").replace(
            "**Text", ""
        )


def test_a_person_of_whom_two_models_were_not_asked_equally_often_does_not_count():
    results, people = frames({"vanilla": [100, 100, 0], "retrained": [0, 0, 100]})
    is_third = (people["profile_id"] == "2") & (people["model"] == "vanilla")
    people.loc[is_third, "n"] = 1
    scores = Scores(results, people)
    gap = scores.comparisons.difference(scores.conditions[0], VANILLA_LINEAGE, RETRAINED_LINEAGE, [FORGET])
    assert (gap.value, gap.n, gap.n_people) == (100, 4, 2)


def test_seeds_are_an_outer_level():
    """Gaps 20, 30, 40 of three seeds: mean 30, and half an interval of t = 4.303 times 10 / sqrt(3).

    Of people, who hardly differ, comes next to nothing.
    """
    nearly = [value + number / 1000 for number, value in enumerate(EIGHT)]
    parts = [
        frames({"vanilla": [value + gap for value in nearly], "retrained": EIGHT}, seed=seed)
        for seed, gap in enumerate((20, 30, 40))
    ]
    scores = joined(*parts)
    condition = scores.conditions[0]
    gap = scores.comparisons.difference(condition, VANILLA_LINEAGE, RETRAINED_LINEAGE, [FORGET])
    assert gap.value == pytest.approx(30, abs=0.01)
    assert gap.high - gap.value == pytest.approx(4.302653 * 10 / math.sqrt(3), rel=1e-5)
    assert gap.p_value == pytest.approx(
        0.0351, abs=1e-3
    )  # Student's t of 30 / 5.77 with 2 degrees of freedom
    terms = [Term(1, VANILLA_LINEAGE, (FORGET,)), Term(-1, RETRAINED_LINEAGE, (FORGET,))]
    one = scores.comparisons.combine(condition, terms, [0])
    assert (one.value, one.p_value) == (pytest.approx(20, abs=0.01), 2 / 2**8)


def test_intervals_over_seeds_stay_within_what_is_possible():
    """Gaps of 90 and 18 points: two seeds make an interval of +-457 points."""
    gaps = (90, 18)
    parts = [
        frames({"vanilla": [gap + number % 3 for number in range(8)], "retrained": [0] * 8}, seed=seed)
        for seed, gap in enumerate(gaps)
    ]
    scores = joined(*parts)
    gap = scores.comparisons.difference(scores.conditions[0], VANILLA_LINEAGE, RETRAINED_LINEAGE, [FORGET])
    assert (gap.low, gap.high) == (-100, 100)


def test_large_gaps_of_two_seeds_are_something_to_forget_however_they_differ():
    """90 and 18 points, both of eight people of whom every one shows it; 90 and -18 are not."""
    for second, is_something in ((18, True), (-18, False)):
        parts = [
            frames(
                {"vanilla": [50 + gap / 2] * 8, "retrained": [50 - gap / 2 - n % 3 for n in range(8)]},
                seed=seed,
            )
            for seed, gap in enumerate((90, second))
        ]
        scores = joined(*parts)
        assert has_something_to_forget(scores.comparisons, scores.conditions[0], FORGET) is is_something


def test_of_too_few_people_nobody_can_tell_whether_there_is_something_to_forget():
    """Four people can give no one-sided p below .0625; five give .03125."""
    for people, told in ((4, None), (5, True)):
        results, scored = frames({"vanilla": [90 + n for n in range(people)], "retrained": [0] * people})
        scores = Scores(results, scored)
        assert has_something_to_forget(scores.comparisons, scores.conditions[0], FORGET) is told


def test_a_cell_above_retrained_and_one_below_do_not_make_up_for_one_another():
    """NPO is 5 points above in both modalities; GA 30 above by name and 30 below with the picture."""
    spread = [number % 3 for number in range(8)]
    parts = [
        frames(
            {"vanilla": [95] * 8, "retrained": [30] * 8, "npo:both": near, "ga:both": far}, modality=modality
        )
        for modality, near, far in (
            ("text", [35 + own for own in spread], [60 + own for own in spread]),
            ("image_text", [35 + own for own in spread], [own for own in spread]),
        )
    ]
    scores = joined(*parts)
    condition = scores.conditions[0]
    cells = [replace(FORGET, modality=name) for name in ("text", "image_text")]
    methods = [VANILLA_LINEAGE.unlearned(name, "both") for name in ("npo", "ga")]
    npo, ga = rank(scores.comparisons, condition, methods, cells)
    assert (npo.best, ga.best) == (True, False)
    assert npo.distance == pytest.approx(npo.difference.value)
    assert ga.difference.value == pytest.approx(0.875) and ga.distance == pytest.approx(30)
    assert [each.lineage.method for each in standings(scores, condition)] == ["npo", "ga"]


def test_retrained_seeds_give_a_noise_floor():
    """Means 10, 13 and 20: distances 3, 7 and 10."""
    answers = [{"vanilla": [90] * 6, "retrained": [value] * 6} for value in (10, 13, 20)]
    scores = joined(*(frames(each, seed=seed) for seed, each in enumerate(answers)))
    condition = scores.conditions[0]
    assert noise_floor(scores, condition, [CLOZE]) == (pytest.approx(20 / 3), 10)
    assert "lie 6.7 points of 100 apart" in grids_of(scores)[0].caption
    single = joined(frames(answers[0]))
    assert noise_floor(single, condition, [CLOZE]) is None


def test_no_frame_is_no_comparison():
    comparisons = Comparisons(None)
    condition = joined(frames({"vanilla": [1], "retrained": [0]})).conditions[0]
    assert comparisons.difference(condition, VANILLA_LINEAGE, RETRAINED_LINEAGE, [FORGET]) is None
    assert has_something_to_forget(comparisons, condition, FORGET) is None
    assert not comparisons.has_retrained(condition)
