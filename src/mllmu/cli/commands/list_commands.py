"""``mllmu list``: the names that other commands take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from mllmu.cli.console import output

if TYPE_CHECKING:
    from mllmu.evaluation import Metric, SetMetric
    from mllmu.unlearning.method import Method, Procedure

_MODALITIES = {"image_text": "faces", "text": "names", "both": "both"}
_LONGEST_VALUE = 24

list_app = typer.Typer(help="List the names that other commands take.", no_args_is_help=True)


@list_app.command()
def methods() -> None:
    """List unlearning methods: what they need, where they come from, and their settings.

    Example: [bold]mllmu list methods[/bold]
    """
    from mllmu.unlearning import METHODS, UnlearningSettings
    from mllmu.unlearning.loss_options import LOSS_OPTIONS

    headings = ("method", "kind", "unlearns on", "what it needs", "source", "fidelity", "settings")
    common = UnlearningSettings().model_dump(mode="json")
    _print(headings, [_method_row(each, common) for each in METHODS.all()])
    options = [(one.setting, one.description, one.source, one.fidelity) for one in LOSS_OPTIONS]
    _print(("option of any loss", "what it does", "source", "fidelity"), options)
    output.print(
        "Settings of all methods that train, where their own do not say otherwise:", _assignments(common)
    )
    output.print(
        "Fidelity: 'paper' as published; 'code' as the authors' code where that differs; 'adapted' carried "
        "over from other models or tasks. Published losses read whole answers (forget_tokens=answer); by "
        "default those here leave out what repeats the question (forget_tokens=new). docs/unlearning.md has "
        "the formulas and all known deviations."
    )


@list_app.command("further-steps")
def further_steps() -> None:
    """List what can be done to a model after unlearning, for a recipe's ``further_steps``.

    Example: [bold]mllmu list further-steps[/bold]
    """
    from mllmu.unlearning import FURTHER_STEPS

    _print(("step", "what it does", "settings"), [_procedure_row(each) for each in FURTHER_STEPS.all()])


@list_app.command()
def protocols() -> None:
    """List the ways of putting questions.

    Example: [bold]mllmu list protocols[/bold]
    """
    from mllmu.evaluation import PROTOCOLS

    _print(("protocol", "how it asks"), [(one.name, one.title) for one in PROTOCOLS.all()])


@list_app.command()
def views() -> None:
    """List the ways of showing people; a recipe's ``views`` names further ones.

    Example: [bold]mllmu list views[/bold]
    """
    from mllmu.evaluation import VIEWS

    _print(("view", "how people are shown"), [(one.name, one.title) for one in VIEWS.all()])


@list_app.command()
def layouts() -> None:
    """List the folder layouts that benchmarks are read from.

    Example: [bold]mllmu list layouts[/bold]
    """
    from mllmu.benchmark import LAYOUTS

    _print(("layout", "what a folder holds"), [(one.name, one.title) for one in LAYOUTS.all()])


@list_app.command()
def metrics() -> None:
    """List the metrics of ``results.parquet``.

    Example: [bold]mllmu list metrics[/bold]
    """
    from mllmu.evaluation import METRICS, SET_METRICS

    headings = ("what it says", "good values", "what it cannot tell")
    of_questions = [
        (one.name, ", ".join(map(str, one.tasks)), _meaning(one), one.direction.value, one.blind_spot)
        for one in METRICS.all()
    ]
    of_sets = [
        (
            one.name,
            ", ".join(each.value for each in one.needs),
            _meaning(one),
            one.goal.value,
            one.blind_spot,
        )
        for one in SET_METRICS.all()
    ]
    _print(("metric, a mean over questions", "tasks", *headings), of_questions)
    _print(("metric of whole sets", "references it needs", *headings), of_sets)


@list_app.command()
def models() -> None:
    """List the models that come with the package; any folder or hub id works as well.

    Example: [bold]mllmu list models[/bold]
    """
    from mllmu.models import BUILT_IN_MODELS

    _print(("model", "what it is"), [(model.name, model.title) for model in BUILT_IN_MODELS])


@list_app.command()
def presets() -> None:
    """List recipes that come with the package.

    Example: [bold]mllmu list presets[/bold]
    """
    from mllmu.study import make_recipe, preset_names

    rows = []
    for name in preset_names():
        recipe = make_recipe(name)
        people = recipe.synthetic
        made = f"{people.profiles} + {people.celebrities} + {people.holdout}"
        rows.append(
            (
                name,
                recipe.model,
                made if recipe.benchmark == "synthetic" else recipe.benchmark,
                ", ".join(f"{ratio} %" for ratio in recipe.forget_ratios),
                ", ".join(recipe.modalities),
                str(len(recipe.methods)),
            )
        )
    headings = ("preset", "model", "people + celebrities + holdout", "forget", "unlearned on", "methods")
    _print(headings, rows)


def _meaning(metric: Metric | SetMetric) -> str:
    return f"{metric.title}: {metric.meaning}" if metric.meaning else metric.title


def _procedure_row(procedure: type[Procedure]) -> tuple[str, str, str]:
    defaults = procedure.settings_type().model_dump(mode="json")
    settings = "\n".join(f"{key}={value}" for key, value in defaults.items())
    return procedure.name, procedure.description, settings


def _method_row(method: type[Method], common: Mapping[str, object]) -> tuple[str, ...]:
    """What a reader chooses a method by; settings that methods have in common are left out."""
    defaults = method.settings_type().model_dump(mode="json")
    own = {key: value for key, value in defaults.items() if key not in common or value != common[key]}
    short = {key: value if len(str(value)) <= _LONGEST_VALUE else "..." for key, value in own.items()}
    return (
        method.name,
        method.kind,
        ", ".join(title for one, title in _MODALITIES.items() if one in method.modalities),
        method.requires or "-",
        method.source,
        method.fidelity,
        _assignments(short),
    )


def _assignments(settings: Mapping[str, object]) -> str:
    return " ".join(f"{key}={value}" for key, value in settings.items())


def _print(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*headings, show_lines=any("\n" in cell for row in rows for cell in row))
    # A name that is cut cannot be typed.
    table.columns[0].min_width = max((len(row[0]) for row in rows), default=0)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    output.print(table)
