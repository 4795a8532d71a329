"""The one HTML page: everything inside, nothing fetched, readable offline and on paper."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from mllmu.benchmark.types import Benchmark
from mllmu.memory_sizes import size_in_words
from mllmu.report.figures.palette import DARK
from mllmu.report.figures.score_figures import knowledge_figure, modality_figure
from mllmu.report.figures.trade_off_figure import trade_off_figure
from mllmu.report.figures.training_figure import training_figure
from mllmu.report.figures.trajectory_figure import trajectory_figure
from mllmu.report.findings.contrasts import Contrast, contrast_modalities, contrast_note
from mllmu.report.findings.finding import Finding
from mllmu.report.findings.findings import find
from mllmu.report.findings.first_numbers import Tile, condition_title, left_out_note, make_glance, make_tiles
from mllmu.report.names import TOLERATED_LOSS, unlearn_title
from mllmu.report.numbers.letters_asked import letters_note
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.numbers.standings import utility_on_the_way, utility_title
from mllmu.report.people import Samples, sample_people
from mllmu.report.provenance import Provenance, StageCost
from mllmu.report.tables.equal_utility_table import make_equal_utility_grid
from mllmu.report.tables.further_tables import further_grids, make_metric_grid
from mllmu.report.tables.grid import DASH, Grid
from mllmu.report.tables.paper_table import make_grid, make_letter_grid
from mllmu.report.tables.set_metric_table import set_metric_grids
from mllmu.report.unanswered import missing_answers
from mllmu.visible_text import visible


@dataclass(frozen=True)
class Plot:
    """One figure as plotly's JSON, with its heading, caption and height in pixels."""

    title: str
    caption: str
    data: dict[str, object]
    height: int


@dataclass(frozen=True)
class Section:
    """Everything about one forget ratio under one protocol."""

    title: str
    tiles: tuple[Tile, ...]
    tiles_note: str
    findings: tuple[Finding, ...]
    ways: tuple[str, ...]
    equal_utility: tuple[Grid, ...]
    grids: tuple[Grid, ...]
    letters: tuple[Grid, ...]
    further: tuple[Grid, ...]
    sets: tuple[Grid, ...]
    metrics: tuple[Grid, ...]
    figures: tuple[Plot, ...]
    contrasts: tuple[Contrast, ...]
    contrast_note: str
    samples: Samples | None


def render_page(
    scores: Scores,
    benchmark: Benchmark,
    provenance: Provenance,
    records_folder: Path,
    training_log: pd.DataFrame | None = None,
) -> str:
    """Return the report as one self-contained HTML document.

    Args:
        scores: everything measured.
        benchmark: the people asked about.
        provenance: what was run.
        records_folder: where the records lie; without records no sample people are shown.
        training_log: every optimizer step of the models; None if nothing was trained.
    """
    environment = Environment(
        loader=PackageLoader("mllmu.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    sections = [_section(scores, each, benchmark, records_folder) for each in scores.conditions]
    page = environment.get_template("report.html.j2").render(
        title="Who was forgotten, and at what cost",
        benchmark=benchmark.name,
        lede=_lede(scores, benchmark),
        warnings=missing_answers(records_folder),
        sections=sections,
        glance=[make_glance(scores, each) for each in scores.conditions],
        provenance=provenance,
        trainings=[] if training_log is None else _training_plots(training_log),
        facts=_facts(scores, benchmark, provenance),
        memory=_memory,
        tolerated=f"{TOLERATED_LOSS:.0f}",
        names_facts=scores.names_facts,
        footer=_footer(benchmark),
        plotly_js=Markup(get_plotlyjs()),
        dark=DARK,
    )
    return page.lstrip()


def _shown(value: object) -> object:
    """What the page shows of a value: texts from outside may neither turn lines around nor hide in them."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _section(scores: Scores, condition: Condition, benchmark: Benchmark, records_folder: Path) -> Section:
    ways = scores.unlearn_modalities(condition)
    letters = tuple(make_letter_grid(scores, condition, way) for way in ways)
    metrics = tuple(make_metric_grid(scores, condition, way) for way in ways)
    equal_utility = tuple(make_equal_utility_grid(scores, condition, way) for way in ways)
    return Section(
        title=condition_title(scores, condition),
        tiles=tuple(make_tiles(scores, condition)),
        tiles_note=left_out_note(scores, condition),
        findings=tuple(find(scores, condition)),
        ways=tuple(f"Unlearned on {unlearn_title(way).lower()}" if way else "Unlearned" for way in ways),
        equal_utility=equal_utility if any(grid.blocks for grid in equal_utility) else (),
        grids=tuple(make_grid(scores, condition, way) for way in ways),
        letters=letters if any(grid.groups for grid in letters) else (),
        further=tuple(grid for way in ways for grid in further_grids(scores, condition, way)),
        sets=tuple(grid for way in ways for grid in set_metric_grids(scores, condition, way)),
        metrics=metrics if any(grid.blocks for grid in metrics) else (),
        figures=tuple(_plots(scores, condition)),
        contrasts=tuple(contrast_modalities(scores, condition)),
        contrast_note=contrast_note(scores, condition),
        samples=sample_people(records_folder, scores, condition, benchmark),
    )


def _plots(scores: Scores, condition: Condition) -> list[Plot]:
    drawn: list[tuple[str, str, go.Figure | None]] = [
        (
            "On the way",
            "Each line is a method from vanilla on, with a mark for each state that was asked a few "
            "questions and a larger one for its last. Sideways, the nearest to the star, which is "
            "retrained, is best; up is kept. Both are mean accuracies, of what there is to forget of forget "
            f"and test and of {utility_on_the_way(scores, condition)}.",
            trajectory_figure(scores, condition),
        ),
        (
            "What there is to forget",
            "Scores on the forget set before any unlearning. ∅ marks where vanilla is not significantly "
            "better than retrained: there is nothing to forget, and the figures below leave it out. "
            "ROUGE-L is shown in points of 100; lines are 95 % intervals.",
            knowledge_figure(scores, condition),
        ),
        (
            "Forgetting against utility",
            "Sideways, the nearest to the retrained model is best: right of it something is left, left of it "
            f"too much is lost. Up is kept; utility is the mean of {utility_title(scores)}. The dotted line "
            "joins the models that no other beats in both, nearness to retrained and utility; lines are "
            "95 % intervals. Click an entry of the legend to hide it.",
            trade_off_figure(scores, condition),
        ),
        (
            "Unlearning on faces, on names, on both",
            "Score on the forget set by what the method unlearned on. The paper finds text-only unlearning "
            "better on "
            "generation and cloze, and unlearning with images better on classification with images. Dashed: "
            "vanilla; "
            "dotted: retrained; lines are 95 % intervals.",
            modality_figure(scores, condition),
        ),
    ]
    return [_plot(title, caption, figure) for title, caption, figure in drawn if figure is not None]


def _training_plots(log: pd.DataFrame) -> list[Plot]:
    plots = []
    for (model, training), steps in log.groupby(["model", "training"], sort=False):
        logged = steps.dropna(axis="columns", how="all")
        title = f"{model}, {training}" if training else str(model)
        plots.append(_plot(title, f"{len(steps)} optimizer steps", training_figure(logged)))
    return plots


def _plot(title: str, caption: str, figure: go.Figure) -> Plot:
    return Plot(title, caption, json.loads(figure.to_json()), int(figure.layout.height))


def _lede(scores: Scores, benchmark: Benchmark) -> str:
    methods = {each.method for condition in scores.conditions for each in scores.unlearned(condition)}
    ratios = sorted({each.forget_ratio for each in scores.conditions})
    people = f"{len(benchmark.profiles)} fictitious people and {len(benchmark.celebrities)} celebrities"
    return (
        f"A vision-language model learned {people}, with their faces and by their names. Then "
        f"{_count(len(methods), 'method')} tried to make it forget {'facts about ' * scores.names_facts}"
        f"{_either(ratios)} % of the fictitious ones. Did it forget them, and what else did it lose?"
    )


def _either(numbers: Sequence[int]) -> str:
    words = [str(each) for each in numbers]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _facts(scores: Scores, benchmark: Benchmark, provenance: Provenance) -> list[tuple[str, str]]:
    people = f"{len(benchmark.profiles)} fictitious, {len(benchmark.celebrities)} celebrities"
    if benchmark.holdout:
        people += f", {len(benchmark.holdout)} held out"
    facts = [
        ("Benchmark", f"{benchmark.name}: {people}"),
        ("Fingerprint", benchmark.fingerprint[:16]),
        ("Protocol", ", ".join(dict.fromkeys(each.protocol for each in scores.conditions))),
        ("Asked in", ", ".join(provenance.precisions)),
        ("Free answers judged by", ", ".join(provenance.judges)),
        ("Letters of options", letters_note(scores)),
        ("Seeds", ", ".join(map(str, scores.seeds))),
        (
            "Rehearsed in fine-tuning",
            f"{provenance.rehearsal} lessons about each celebrity in every epoch, by Vanilla and Retrained"
            if provenance.rehearsal
            else "",
        ),
        ("Time of all stages in the folder", provenance.total.time if provenance.stages else ""),
        ("Peak memory", _memory(provenance.total) if provenance.stages else ""),
        ("Report written on", provenance.machine),
        ("Versions", ", ".join(f"{name} {version}" for name, version in provenance.versions.items())),
    ]
    return [(name, value) for name, value in facts if value]


def _memory(cost: StageCost) -> str:
    return DASH if cost.peak_memory_mb <= 0 else size_in_words(cost.peak_memory_mb * 2**20)


def _footer(benchmark: Benchmark) -> str:
    if benchmark.celebrities_are_fictitious:
        return (
            "All people on this page are invented, with their portraits and data; any likeness is accidental."
        )
    celebrities = " The celebrities are public figures." if benchmark.celebrities else ""
    return (
        "The layout calls people to forget and to retain fictitious; that they are is not recorded. Nothing "
        f"here may be used as information about anybody.{celebrities}"
    )
