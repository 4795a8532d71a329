"""The tables of set metrics: distances to the retrained model, membership, aggregates, normalised scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mllmu.evaluation import ALL, METRICS, SET_METRICS
from mllmu.report.names import MODALITY_TITLES, SET_TITLES, TASK_TITLES, lineage_title
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.numbers.set_score_lookup import Quantity
from mllmu.report.tables.grid import DASH, Block, Cell, ColumnGroup, Grid, Row
from mllmu.report.tables.table_titles import file_name, notes, table_title
from mllmu.unlearning.lineage import Lineage

_NORMALISED = "normalised"
_BLOCKS = {ALL: "Both modalities", **{name: f"{title} questions" for name, title in MODALITY_TITLES.items()}}


def set_metric_grids(scores: Scores, condition: Condition, unlearn_modality: str) -> Iterator[Grid]:
    """The table of set metrics but normalised scores, and that of these, where there is anything to show."""
    kinds: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("sets", "against reference models, and aggregates", lambda name: name != _NORMALISED),
        ("normalised", "normalised scores", lambda name: name == _NORMALISED),
    )
    lineages = [*scores.references(condition), *scores.methods(condition, unlearn_modality)]
    for suffix, about, is_shown in kinds:
        name = f"{file_name(condition, unlearn_modality, scores)}-{suffix}"
        title = f"{table_title(condition, unlearn_modality, scores)}: {about}"
        grid = set_metric_grid(scores, condition, lineages, name, title, is_shown)
        if grid.blocks:
            yield grid


def set_metric_grid(
    scores: Scores,
    condition: Condition,
    lineages: Sequence[Lineage],
    name: str,
    title: str,
    is_shown: Callable[[str], bool],
) -> Grid:
    """The table of some set metrics; it has no blocks where there is nothing to show.

    Args:
        scores: everything measured.
        condition: ratio and protocol.
        lineages: the models, one column each.
        name: of the table.
        title: its heading.
        is_shown: whether a metric of this name is shown.
    """
    quantities = [each for each in scores.sets.quantities(condition) if is_shown(each.metric.name)]

    def row(quantity: Quantity) -> Row:
        numbers = (scores.sets.find(lineage, condition, quantity) for lineage in lineages)
        return Row(_row_title(quantity), tuple(Cell(score, quantity.metric.decimals) for score in numbers))

    blocks = []
    for modality, block_title in _BLOCKS.items():
        rows = tuple(row(each) for each in quantities if each.modality == modality)
        if rows:
            blocks.append(Block(block_title, ("",) * len(lineages), (), rows))
    return Grid(
        name=name,
        title=title,
        caption=f"{notes(scores)} {_caption(scores, condition, is_shown)}".strip(),
        groups=(ColumnGroup("", tuple(map(lineage_title, lineages))),),
        blocks=tuple(blocks),
    )


def _row_title(quantity: Quantity) -> str:
    """``Membership AUC (min_k), generation, Forget``."""
    parts = [quantity.metric.title]
    if quantity.of:
        of = METRICS.get(quantity.of).title if quantity.of in METRICS.names() else quantity.of
        parts[0] += f" ({of})"
    if quantity.task != ALL:
        parts.append(TASK_TITLES[quantity.task].lower())
    if quantity.eval_set != ALL:
        parts.append(SET_TITLES[quantity.eval_set])
    return ", ".join(parts)


def _caption(scores: Scores, condition: Condition, is_shown: Callable[[str], bool]) -> str:
    """What each metric means, which numbers are good, what it cannot tell, and why numbers are missing."""
    shown = {each.metric.name for each in scores.sets.quantities(condition)}
    sentences = []
    for metric in SET_METRICS.all():
        if not is_shown(metric.name):
            continue
        if metric.name in shown:
            blind_spot = metric.blind_spot and f"it cannot tell {metric.blind_spot}"
            parts = (metric.meaning, metric.goal.value, blind_spot)
            sentences.append(f"{metric.title}: {'; '.join(filter(None, parts))}.")
        if reasons := scores.sets.reasons(condition, metric.name):
            sentences.append(f"{DASH} in {metric.title}: {'; '.join(reasons)}.")
    return " ".join(sentences)
