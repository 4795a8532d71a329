"""Protects the table of recoverability: what of a model's failed questions comes back, and by what."""

import pandas as pd

from mllmu.report.numbers.scores import Scores
from mllmu.report.tables.paper_table import grids_of
from mllmu.report.tables.recoverability_grid import make_recoverability_grid
from tests.report.small_run import frames


def recoverability(failed=(True, True), seed=0, brought_back=("reworded",)):
    """Two people with one question each in each modality, of which some probes bring back the failed ones."""
    whose = {"model": "unlearned", "method": "npo", "unlearn_modality": "both", "further_steps": ""}
    study = {"forget_ratio": 10, "seed": seed, "protocol": "strict", "benchmark": "0123"}
    rows = [
        {
            **whose,
            **study,
            "modality": modality,
            "profile_id": str(person),
            "question_id": f"{modality}/{person}",
            "probe": probe,
            "right": probe in brought_back,
            "failed": is_failed,
            "retrained_right": False,
            "vanilla_right": True,
            "fingerprint": "of the model",
        }
        for modality in ("image_text", "text")
        for person, is_failed in enumerate(failed)
        for probe in ("reworded", "indirect", "negated")
    ]
    return pd.DataFrame(rows)


def grid_of(*parts):
    results, people = frames({"vanilla": [100, 100], "npo:both": [0, 50]})
    frame = pd.concat(parts, ignore_index=True) if parts else None
    scores = Scores(results, people, recoverability=frame)
    return make_recoverability_grid(scores, scores.conditions[0], "both"), scores


def test_a_block_for_each_modality_and_a_column_for_each_probe():
    """Failed; reworded, indirect, negated; any and mean, each of the model, retrained and vanilla."""
    grid, scores = grid_of(recoverability())
    assert [block.title for block in grid.blocks] == ["Image + text", "Text"]
    assert [len(group.columns) for group in grid.groups] == [1, 3, 3, 3]
    for block in grid.blocks:
        (row,) = block.methods
        assert [cell.text for cell in row.cells] == [
            "100.0",
            *("100.0", "0.0", "0.0"),
            *("100.0", "0.0", "100.0"),
            *("33.3", "0.0", "100.0"),
        ]
        assert block.counts[0] == "2, 2 people" and block.counts[7] == "6, 2 people"
    assert grid in list(grids_of(scores))


def test_what_was_not_failed_cannot_be_brought_back():
    grid, _ = grid_of(recoverability(failed=(False, False)))
    (row,) = grid.blocks[0].methods
    assert [cell.text for cell in row.cells] == ["0.0", *["–"] * 9]


def test_seeds_are_averaged():
    grid, _ = grid_of(recoverability(), recoverability(seed=1, brought_back=()))
    assert [cell.text for cell in grid.blocks[0].methods[0].cells][1:2] == ["50.0"]


def test_there_is_no_table_where_nothing_was_measured():
    grid, scores = grid_of()
    assert not grid.blocks and grid not in list(grids_of(scores))
