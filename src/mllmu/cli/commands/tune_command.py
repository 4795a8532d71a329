"""``mllmu tune``: choose a method's settings on people who are not scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mllmu.cli.common_options import (
    Assignments,
    Device,
    Seed,
    UnlearnModality,
    path_option,
    seed_option,
)
from mllmu.cli.console import errors, output, prepare_libraries, print_location

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_OPTIONS = {
    "seeds": "--seed",
    "forget_ratios": "--forget",
    "modalities": "--modality",
    "synthetic.seed": "--people-seed",
}
"""Settings of a recipe that a search takes as options."""


def tune(
    method: Annotated[str, typer.Argument(help="An unlearning method; see: mllmu list methods.")],
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="Whose base, teaching and number of people; quick's by default."),
    ] = None,
    recipe: Annotated[Path | None, path_option("--recipe", "A recipe file instead of a preset.")] = None,
    assignments: Assignments = None,
    modality: Annotated[
        UnlearnModality, typer.Option("--modality", help="Unlearn on faces, on names, or on both.")
    ] = UnlearnModality.BOTH,
    forget: Annotated[
        int, typer.Option("--forget", min=1, max=99, help="Per cent of the people to forget.")
    ] = 10,
    people_seed: Annotated[
        int, seed_option("--people-seed", "Seed of the people it is tuned on; not the recipe's own.")
    ] = 1000,
    trials: Annotated[int, typer.Option("--trials", min=1, help="How many settings to try.")] = 20,
    passes: Annotated[
        float,
        typer.Option(
            "--passes",
            min=0.1,
            help="Passes of each trial, off whose trajectory the best number is read. Of task_vector, smfa "
            "and null_space, whose states on the way are of no use, numbers up to this and 14 are tried.",
        ),
    ] = 20.0,
    out: Annotated[
        Path | None,
        path_option("--out", "Folder of searches, which share people and models; tuned if left out."),
    ] = None,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Choose a method's settings on fictitious people who are not scored; running it again goes on.

    Celebrities, half of utility, are those that are scored, too: there are no others that the base knows.
    Wanted is the model nearest to the retrained one among those that lose at most 5 (and, apart, 15) points
    of utility.

    Example: [bold]mllmu tune npo --modality text --trials 20 --out tuned[/bold]
    """
    from mllmu.models import model_location
    from mllmu.study import Search, make_recipe
    from mllmu.unlearning import get_method

    groups = ("methods", *(f"by_modality.{each.value}" for each in UnlearnModality))
    is_gradual = get_method(method).is_gradual()
    of_method = {f"{group}.{method}.passes": "--passes" for group in groups if is_gradual}
    _refuse_what_searches_fix(assignments or [], of_method)
    wanted = make_recipe(preset, recipe, assignments or [])
    model_location(wanted.model)
    search = Search(wanted, method, modality.value, forget, people_seed, trials, passes, seed)
    search.development()
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.study import make_display
    from mllmu.study import tune as carry_out
    from mllmu.study.tuning.choice import choices

    prepare_libraries()
    folder = out or Path("tuned")
    history = carry_out(search, folder, device, make_display(errors))
    output.print(_table(history))
    if choices(search, history):
        print_location("settings", folder / search.name / "tuned.yaml")
    else:
        output.print("settings: none, as no trial came nearer to the retrained model than vanilla is")
    print_location("history", folder / search.name / "history.csv")


def _refuse_what_searches_fix(assignments: Sequence[str], of_method: Mapping[str, str]) -> None:
    """Refuse settings of the recipe that a search has options for instead, or has no use for."""
    from mllmu.errors import UserError

    options = {**_OPTIONS, **of_method, "further_steps": "", "trajectory": ""}
    for assignment in assignments:
        name = assignment.partition("=")[0].strip()
        for fixed, option in options.items():
            if name == fixed or name.startswith(f"{fixed}."):
                expected = option or "a setting of the people, of fine-tuning, or of the method"
                raise UserError(f"--set {name} changes nothing in a search; expected {expected}")


def _table(history: pd.DataFrame) -> Table:
    """All trials, the nearest to retrained at 5 points of utility first."""
    from rich.table import Table

    table = Table(box=None)
    for column in history.columns:
        table.add_column(column, justify="right")
    for row in history.sort_values("distance at -5").itertuples(index=False):
        table.add_row(*(f"{value:.3g}" for value in row))
    return table
