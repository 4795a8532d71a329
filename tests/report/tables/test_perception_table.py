"""Protects the table of perception: what is still seen stands apart from what is to be forgotten."""

import pandas as pd

from mllmu.report.tables.grid import Mark
from mllmu.report.tables.paper_table import make_grids


def test_what_is_still_seen_stands_apart(results):
    """Nothing is to be forgotten of it: no mark, no place in the paper's table; without it, no table."""
    assert not [grid for grid in make_grids(results) if grid.name.endswith("-perception")]
    asked = results[(results["eval_set"] == "forget") & (results["modality"] == "image_text")]
    seen = asked[asked["task"] != "cloze"].assign(eval_set="perception", value=62.5)
    grids = make_grids(pd.concat([results, seen]))
    paper, perception = grids[0], next(grid for grid in grids if grid.name.endswith("-perception"))
    assert [group.title.split()[0] for group in perception.groups] == ["Perception"]
    assert [block.title for block in perception.blocks] == ["Image + text questions"]
    assert {row.title for row in perception.blocks[0].references} >= {"Vanilla", "Retrained"}
    assert all(cell.mark is Mark.PLAIN for row in perception.blocks[0].methods for cell in row.cells)
    assert paper == make_grids(results)[0]
