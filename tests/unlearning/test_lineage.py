"""Protects the names of models: everything that is said of one follows from what was done to it."""

from __future__ import annotations

import pytest

from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage, LineageStep

NPO = VANILLA_LINEAGE.unlearned("npo", "text")
RELEARN = LineageStep("relearn")

CASES = [
    (Lineage(), ("base", "", "", ""), "base-forget10-seed3"),
    (VANILLA_LINEAGE, ("vanilla", "", "", ""), "vanilla-forget10-seed3"),
    (RETRAINED_LINEAGE, ("retrained", "", "", ""), "retrained-forget10-seed3"),
    (NPO, ("unlearned", "npo", "text", ""), "npo-text-forget10-seed3"),
    (NPO.then(RELEARN), ("unlearned", "npo", "text", "relearn"), "npo-text-relearn-forget10-seed3"),
    (
        NPO.unlearned("ga", "both").then(RELEARN),
        ("unlearned", "npo", "text", "unlearn:ga:both+relearn"),
        "npo-text-unlearn_ga_both+relearn-forget10-seed3",
    ),
    (RETRAINED_LINEAGE.then(RELEARN), ("retrained", "", "", "relearn"), "retrained-relearn-forget10-seed3"),
]


@pytest.mark.parametrize(("lineage", "columns", "stem"), CASES, ids=[case[2] for case in CASES])
def test_columns_and_names_follow_from_the_steps_and_lead_back(
    lineage: Lineage, columns: tuple[str, ...], stem: str
) -> None:
    assert tuple(lineage.columns.values()) == columns
    assert lineage.file_stem(10, 3) == stem
    assert Lineage.of_columns(**lineage.columns) == lineage
    assert lineage.without_further_steps == Lineage.of_columns(*columns[:3], further_steps="")


def test_a_model_made_elsewhere_is_named_after_its_unlearning_alone() -> None:
    """Nobody knows what taught it; it is not taken for vanilla."""
    elsewhere = Lineage().unlearned("their_model", "")
    assert (elsewhere.model, elsewhere.method) == ("unlearned", "their_model")


def test_a_second_request_is_a_further_step() -> None:
    assert NPO.unlearned("ga", "both").step_names == ["ga"]
