"""Protects the table of depth: each model's scores under face and name, at value and picture."""

import pandas as pd

from mllmu.report.numbers.scores import Scores
from mllmu.report.tables.depth_grid import make_depth_grid
from mllmu.report.tables.paper_table import grids_of
from tests.report.small_run import frames


def depth(model="npo", seed=0, value=0.5, retrained=(1.0, 1.0)):
    """Two people with one question and one layer each, at the value by name and at the picture by face."""
    whose = {"model": "unlearned", "method": model, "unlearn_modality": "both", "further_steps": ""}
    study = {"forget_ratio": 10, "seed": seed, "protocol": "strict", "benchmark": "0123"}
    rows = [
        {
            **whose,
            **study,
            "positions": positions,
            "modality": modality,
            "profile_id": str(person),
            "question": "Where?",
            "layer": 0,
            "drop": value,
            "retrained_drop": lacks,
            "depth": value if lacks > 0.05 else float("nan"),
        }
        for positions, modality in (("value", "text"), ("image", "image_text"))
        for person, lacks in enumerate(retrained)
    ]
    return pd.DataFrame(rows)


def grid_of(*parts):
    results, people = frames({"vanilla": [100, 100], "npo:both": [0, 50], "ga:both": [0, 0]})
    scores = Scores(results, people, depth=pd.concat(parts, ignore_index=True) if parts else None)
    return make_depth_grid(scores, scores.conditions[0], "both"), scores


def test_rows_are_models_and_columns_what_was_patched():
    grid, _ = grid_of(depth(value=0.25), depth("ga", value=0.75))
    assert [(group.title, group.columns) for group in grid.groups] == [
        ("Image + text", ("At the picture",)),
        ("Text", ("At the value",)),
    ]
    (block,) = grid.blocks
    assert {row.title: [cell.text for cell in row.cells] for row in block.methods} == {
        "NPO": ["0.250", "0.250"],
        "GA": ["0.750", "0.750"],
    }
    assert block.counts == ("2, 2 people", "2, 2 people")


def test_questions_with_nothing_to_erase_are_counted():
    grid, _ = grid_of(depth(retrained=(1.0, 0.0)))
    assert grid.blocks[0].counts == ("1, 1 person, 1 left out",) * 2
    assert [cell.text for cell in grid.blocks[0].methods[0].cells] == ["0.500", "0.500"]
    nothing, _ = grid_of(depth(retrained=(0.0, 0.0)))
    assert nothing.blocks[0].counts == ("2 left out",) * 2
    assert [cell.text for cell in nothing.blocks[0].methods[0].cells] == ["–", "–"]


def test_seeds_are_averaged():
    grid, _ = grid_of(depth(seed=0, value=0.2, retrained=(1.0, 0.0)), depth(seed=1, value=0.4))
    assert [cell.text for cell in grid.blocks[0].methods[0].cells] == ["0.300", "0.300"]
    assert grid.blocks[0].counts == ("2, 2 people, 1 left out",) * 2


def test_a_run_that_was_not_measured_has_no_such_table():
    grid, scores = grid_of()
    assert grid.blocks == ()
    assert not [one for one in grids_of(scores) if one.name.endswith("-depth")]
    _, with_depth = grid_of(depth())
    assert [one.name for one in grids_of(with_depth) if one.name.endswith("-depth")] == [
        "forget_10-both-depth"
    ]
