"""``mllmu list``: the names that other commands take."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.table import Table

from mllmu.cli.console import output

list_app = typer.Typer(help="List the names that other commands take.", no_args_is_help=True)


@list_app.command()
def methods() -> None:
    """List unlearning methods with their settings.

    Example: [bold]mllmu list methods[/bold]
    """
    from mllmu.unlearning import METHODS

    rows = []
    for name, method in ((each.name, each) for each in METHODS.all()):
        defaults = method.settings_type().model_dump(mode="json")
        rows.append(
            (name, method.description, "\n".join(f"{key}={value}" for key, value in defaults.items()))
        )
    _print(("method", "what it does", "settings"), rows)


@list_app.command()
def metrics() -> None:
    """List the metrics of ``results.parquet``.

    Example: [bold]mllmu list metrics[/bold]
    """
    from mllmu.evaluation import METRICS

    _print(
        ("metric", "tasks", "what it says"),
        [(one.name, ", ".join(map(str, one.tasks)), one.title) for one in METRICS.all()],
    )


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
        rows.append(
            (
                name,
                f"{people.profiles} + {people.celebrities} + {people.holdout}",
                ", ".join(f"{ratio} %" for ratio in recipe.forget_ratios),
                ", ".join(recipe.modalities),
                ", ".join(recipe.methods),
            )
        )
    _print(("preset", "people + celebrities + holdout", "forget", "unlearned on", "methods"), rows)


def _print(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*headings, show_lines=any("\n" in cell for row in rows for cell in row))
    for row in rows:
        table.add_row(*row)
    output.print(table, markup=False)
