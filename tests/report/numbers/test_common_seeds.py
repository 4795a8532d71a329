"""Protects: models that have not the same seeds, or questions, are compared on those that they share."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.benchmark.types import Task
from mllmu.evaluation.scoring.comparison import QUESTIONS
from mllmu.report.findings.contrasts import contrast_modalities
from mllmu.report.names import shown
from mllmu.report.numbers.comparisons import Comparisons, Measured
from mllmu.report.numbers.ranking import rank
from mllmu.report.numbers.result_columns import Condition
from mllmu.report.numbers.scores import Scores
from mllmu.report.numbers.standings import standings
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE
from tests.report.numbers.test_trajectories import trajectory_frame
from tests.report.small_run import frames, joined
from tests.report.world import make_person_scores, make_results

CONDITION = Condition(10, "strict")
CLOZE = Measured("forget", "text", shown("cloze_contains", Task.CLOZE))
TEN = (8, 9, 10, 11, 12, 8, 9, 10, 11, 12)
NPO, GA, DIFF = (VANILLA_LINEAGE.unlearned(name, "both") for name in ("npo", "ga", "grad_diff"))


def moved(points: float) -> list[float]:
    """Ten people who differ from retrained by some points, not all by the same."""
    return [value + points + own / 10 for own, value in enumerate(TEN)]


def test_a_method_that_shares_no_seed_with_the_best_is_not_as_good() -> None:
    """Gradient difference, farthest of all, was run with another seed than NPO."""
    references = {"vanilla": moved(80), "retrained": TEN}
    first = frames({**references, "npo:both": moved(2), "ga:both": moved(40)})
    second = frames({**references, "grad_diff:both": moved(70)}, seed=1)
    scores = joined(first, second)
    ranks = rank(scores.comparisons, CONDITION, [NPO, GA, DIFF], [CLOZE])
    assert [each.best for each in ranks] == [True, False, False]


def test_utility_is_lost_against_vanilla_of_the_same_seed() -> None:
    """Vanilla of seed 1 knows less than NPO of seed 0, which lost 21 points of its own vanilla's."""
    results = make_results((10,), ("both",), ("npo", "ga"), seeds=(0, 1))
    accuracy = (results["eval_set"] == "retain") & (results["metric"] != "rougeL_f")
    for whose, value in (
        ((results["model"] == "vanilla") & (results["seed"] == 0), 95.0),
        ((results["model"] == "vanilla") & (results["seed"] == 1), 61.0),
        (results["method"] == "npo", 74.0),
    ):
        results.loc[whose & accuracy, ["value", "ci_low", "ci_high"]] = [
            value,
            value - 5,
            min(value + 5, 100),
        ]
    results = results[~((results["method"] == "npo") & (results["seed"] == 1))].reset_index(drop=True)
    scores = Scores(results, make_person_scores(results[results["metric"] != "mean_accuracy"]))
    (npo,) = (each for each in standings(scores, CONDITION) if each.lineage.method == "npo")
    assert npo.loss == pytest.approx(21, abs=0.5)
    assert not npo.keeps_utility


def test_the_means_of_a_contrast_are_of_the_seeds_of_its_difference() -> None:
    """NPO on faces has seed 0 alone; what NPO on names has of seed 1 counts in neither number."""
    first = frames(
        {"vanilla": moved(80), "retrained": TEN, "npo:text": moved(40), "npo:image_text": moved(20)}
    )
    second = frames({"vanilla": moved(80), "retrained": TEN, "npo:text": moved(10)}, seed=1)
    (contrast,) = contrast_modalities(joined(first, second), CONDITION)
    assert contrast.difference.value == pytest.approx(contrast.text - contrast.image_text)
    assert contrast.text == pytest.approx(sum(moved(40)) / 10)


def test_a_path_begins_at_vanilla_of_its_own_seeds() -> None:
    """Vanilla of seed 1 knows half as much, and NPO has no seed 1."""
    frame = trajectory_frame(seeds=(0, 1))
    is_second = frame["seed"] == 1
    frame.loc[is_second & (frame["model"] == "vanilla"), "value"] /= 2
    frame = frame[~(is_second & (frame["method"] == "npo"))]
    results = make_results((10,), ("both",), ("npo", "ga"), seeds=(0, 1))
    trajectories = Scores(results, make_person_scores(results), frame).trajectories
    path, alone = (
        trajectories.find(NPO, CONDITION),
        trajectories.of_seeds(NPO, CONDITION)[0],
    )
    assert path is not None
    assert path.forget.of_everybody().tolist() == alone.forget.of_everybody().tolist()


def test_without_a_common_seed_there_is_no_path() -> None:
    frame = trajectory_frame(seeds=(0, 1))
    is_npo = frame["method"] == "npo"
    frame = frame[(is_npo & (frame["seed"] == 1)) | (~is_npo & (frame["seed"] == 0))]
    results = make_results((10,), ("both",), ("npo", "ga"), seeds=(0, 1))
    trajectories = Scores(results, make_person_scores(results), frame).trajectories
    assert trajectories.find(NPO, CONDITION) is None
    assert trajectories.find(GA, CONDITION) is not None


def person_scores(model: str, method: str, questions: list[int]) -> pd.DataFrame:
    _, people = frames({f"{method}:both" if method else model: [50.0] * 8})
    return people.assign(n=1, **{QUESTIONS: questions})


def test_as_many_but_other_questions_are_not_compared() -> None:
    """Of each model one answer in two is missing, and not the same one; the sums of hashes tell."""
    same, other = [11] * 8, [7] * 8
    retrained = person_scores("retrained", "", same)
    for questions, is_compared in ((same, True), (other, False)):
        frame = pd.concat([retrained, person_scores("unlearned", "npo", questions)], ignore_index=True)
        gap = Comparisons(frame).difference(CONDITION, NPO, RETRAINED_LINEAGE, [CLOZE])
        assert (gap is not None) == is_compared


def test_folders_of_before_say_only_how_many_questions() -> None:
    parts = [person_scores("retrained", "", [1] * 8), person_scores("unlearned", "npo", [2] * 8)]
    frame = pd.concat(parts, ignore_index=True).drop(columns=QUESTIONS)
    assert Comparisons(frame).difference(CONDITION, NPO, RETRAINED_LINEAGE, [CLOZE]) is not None


def test_one_folder_of_before_beside_a_new_one_is_compared_by_numbers() -> None:
    """Of two new ones the questions still have to be the same."""
    new, other = (person_scores("unlearned", name, [11] * 8) for name in ("npo", "ga"))
    before = person_scores("retrained", "", [0] * 8).assign(**{QUESTIONS: float("nan")})
    comparisons = Comparisons(pd.concat([before, new, other.assign(**{QUESTIONS: 7})], ignore_index=True))
    for lineage in (NPO, GA):
        gap = comparisons.difference(CONDITION, lineage, RETRAINED_LINEAGE, [CLOZE])
        assert gap is not None and gap.n_people == 8
    assert comparisons.difference(CONDITION, NPO, GA, [CLOZE]) is None


def test_who_is_farther_on_the_seeds_of_both_is_not_the_best() -> None:
    """NPO is nearer wherever both were run; GA is nearer on average, since it lacks NPO's bad seed."""
    references = {"vanilla": moved(80), "retrained": TEN}
    first = frames({**references, "npo:both": moved(2), "ga:both": moved(10)})
    second = frames({**references, "npo:both": moved(35)}, seed=1)
    ranks = rank(joined(first, second).comparisons, CONDITION, [NPO, GA], [CLOZE])
    assert ranks[0].distance is not None and ranks[1].distance is not None
    assert ranks[0].distance > ranks[1].distance
    assert [each.best for each in ranks] == [False, False]


def test_who_was_asked_less_is_not_ranked() -> None:
    """KL-Min. has the number of one cell of two, which is near retrained's; the other is unknown."""
    faces = Measured("forget", "image_text", shown("cloze_contains", Task.CLOZE))
    references = {"vanilla": moved(80), "retrained": TEN}
    text = frames({**references, "npo:both": moved(5), "ga:both": moved(30), "grad_diff:both": moved(1)})
    pictures = frames({**references, "npo:both": moved(6), "ga:both": moved(31)}, modality="image_text")
    ranks = rank(joined(text, pictures).comparisons, CONDITION, [NPO, GA, DIFF], [CLOZE, faces])
    assert [each.best for each in ranks] == [True, False, False]
    assert (ranks[2].distance, ranks[2].difference) == (None, None)


def test_scores_of_some_seeds_alone_are_no_mean() -> None:
    """The third seed, in which hardly anything is forgotten, has no number."""
    runs = [
        frames({"vanilla": moved(80), "retrained": TEN, "npo:both": moved(far)}, seed=seed)
        for seed, far in enumerate((2, 4, 60))
    ]
    lacking = runs[2][0].copy()
    lacking.loc[lacking["method"] == "npo", ["value", "ci_low", "ci_high"]] = float("nan")
    whole, part = joined(*runs), joined(*runs[:2], (lacking, runs[2][1]))
    cell = (CONDITION, "forget", "text", CLOZE.metric)
    assert whole.find(NPO, *cell) is not None
    assert part.find(NPO, *cell) is None
    assert part.find(VANILLA_LINEAGE, *cell) == whole.find(VANILLA_LINEAGE, *cell)
