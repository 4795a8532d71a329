"""The table of depth: how far forgetting reaches into the hidden states."""

from __future__ import annotations

from mllmu.report.names import MODALITY_TITLES, lineage_title
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.grid import Block, Cell, ColumnGroup, Grid, Row, count_questions
from mllmu.report.tables.table_titles import file_name, notes, table_title
from mllmu.unlearning.lineage import Lineage

_POSITIONS = {"value": "At the value", "image": "At the picture"}
_DECIMALS = 3


def make_depth_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return the depth of models unlearned on a modality; it has no rows where none was measured."""
    depths = scores.depths
    lineages = depths.lineages(condition, unlearn_modality)
    measured = depths.columns(condition)
    columns = [
        (modality, positions)
        for modality in MODALITY_TITLES
        for positions in _POSITIONS
        if (modality, positions) in measured
    ]

    def row(lineage: Lineage) -> Row:
        cells = (depths.find(lineage, condition, *column).score for column in columns)
        return Row(lineage_title(lineage), tuple(Cell(score, _DECIMALS) for score in cells))

    rows = tuple(map(row, lineages))

    def counted(index: int) -> str:
        asked = count_questions([each.cells[index] for each in rows])
        left_out = max(depths.find(each, condition, *columns[index]).left_out for each in lineages)
        return ", ".join(part for part in (asked, f"{left_out} left out" if left_out else "") if part)

    counts = tuple(counted(index) for index in range(len(columns))) if rows else ()
    groups = tuple(
        ColumnGroup(title, tuple(_POSITIONS[at] for each, at in columns if each == modality))
        for modality, title in MODALITY_TITLES.items()
        if any(each == modality for each, _ in columns)
    )
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-depth",
        title=f"{table_title(condition, unlearn_modality, scores)}: depth",
        caption=_CAPTION + notes(scores),
        groups=groups,
        blocks=(Block("Taught questions", counts, (), rows),) if rows else (),
    )


_CAPTION = (
    "Unlearning Depth Score (arXiv 2605.24614) of taught questions about people to forget: vanilla answers "
    "with a model's hidden states in place of its own, layer by layer, at the positions that predict the "
    "value or at those of the picture. 0 is intact, 1 erased as in the retrained model. It cannot tell what "
    "flows past these positions. Left out are questions in which no layer of vanilla holds there what the "
    "retrained model lacks. Methods that change what stands around the model are not measured. "
)
