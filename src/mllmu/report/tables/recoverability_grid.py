"""The table of recoverability: which failed questions are answered when they are asked another way."""

from __future__ import annotations

from mllmu.evaluation.recoverability.probes import PROBES
from mllmu.report.names import MODALITY_TITLES, lineage_title
from mllmu.report.numbers.recoveries import MeanRecovery
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.tables.grid import Block, Cell, ColumnGroup, Grid, Row, count_questions
from mllmu.report.tables.table_titles import file_name, notes, table_title

_DECIMALS = 1
_EMPTY = Cell(None, _DECIMALS)


def make_recoverability_grid(scores: Scores, condition: Condition, unlearn_modality: str) -> Grid:
    """Return the recoverability of models unlearned on a modality; no blocks where none was measured."""
    recoveries = scores.recoveries
    lineages = recoveries.lineages(condition, unlearn_modality)
    blocks = []
    for modality, title in MODALITY_TITLES.items():
        measured = [(one, recoveries.find(one, condition, modality)) for one in lineages]
        rows = tuple(Row(lineage_title(one), _cells(each)) for one, each in measured if each is not None)
        if rows:
            columns = zip(*(row.cells for row in rows), strict=True)
            counts = tuple(map(count_questions, columns))
            blocks.append(Block(title, counts, (), rows))
    return Grid(
        name=f"{file_name(condition, unlearn_modality, scores)}-recoverability",
        title=f"{table_title(condition, unlearn_modality, scores)}: recoverability",
        caption=_CAPTION + notes(scores),
        groups=(
            ColumnGroup("As asked", ("Failed",)),
            ColumnGroup("Brought back by", tuple(probe.value.capitalize() for probe in PROBES)),
            ColumnGroup("Any probe", ("Model", "Retrained", "Vanilla")),
            ColumnGroup("Mean over probes", ("Model", "Retrained", "Vanilla")),
        ),
        blocks=tuple(blocks),
    )


def _cells(measured: MeanRecovery) -> tuple[Cell, ...]:
    numbers = (
        measured.failed,
        *(measured.by_probe[probe] for probe in PROBES),
        measured.any,
        measured.retrained_any,
        measured.vanilla_any,
        measured.mean,
        measured.retrained,
        measured.vanilla,
    )
    return tuple(_EMPTY if each is None else Cell(each, _DECIMALS) for each in numbers)


_CAPTION = (
    "Free-answer questions about people to forget that a model fails, asked again: in other words, through "
    "something that follows from the fact, and after a wrong answer was denied. Per cent answered with the "
    "true value. Retrained and vanilla were asked the same probes of the same questions: what retrained "
    "answers is guessed, and what vanilla does not is not understood. "
)
