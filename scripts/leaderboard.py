"""Print the leaderboard of docs/results.md: methods of a run at equal utility, with what each costs.

    python scripts/leaderboard.py runs/all-methods

Settings are *tuned* where they are those that come with the package, chosen among so many trials (*on both*
where those stand in for faces or names alone), else by hand or the method's defaults. What was unlearned on
faces or on names has, too, how far it is from retrained by either way of asking. Costs are those of
``scripts/method_costs.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from method_costs import HEADS, costs
from mllmu.errors import UserError
from mllmu.report import read_person_scores, read_results, read_trajectories
from mllmu.report.names import MODALITY_TITLES, lineage_title, method_title
from mllmu.report.numbers.scores import Scores
from mllmu.report.run_folder import RECIPE_FILE
from mllmu.report.tables.equal_utility_table import make_equal_utility_grid
from mllmu.study.recipe.recipe_settings import Recipe, load_recipe
from mllmu.study.recipe.tuned_settings import TUNED_FOLDER, read_tuned
from mllmu.unlearning import make_method

TUNED = "100_people"
SEARCH = ["method", "modality"]
WHOLE = "All questions"
SCORES = (
    "−5: forget",
    "−5: from retrained",
    "−15: forget",
    "−15: from retrained",
    "utility where forget is at retrained",
)
DISTANCE = SCORES.index("−15: from retrained")
DOORS = {
    f"{MODALITY_TITLES[modality]} questions": f"−15, by {door}: from retrained"
    for modality, door in (("image_text", "face"), ("text", "name"))
}


def origin(recipe: Recipe, method: str, modality: str) -> str:
    """Where a method's settings come from."""
    tuned, trials = read_tuned(TUNED), trials_by_search()
    chosen = make_method(method, recipe.method_settings(method, modality)).settings
    for one, words in ((modality, "tuned"), ("both", "tuned on both")):
        settings = tuned.get(one, {}).get(method)
        if settings is not None and chosen == make_method(method, settings).settings:
            count = trials[method, one]
            return f"{words}, {count} trial{'s' if count > 1 else ''}"
    return "defaults" if chosen == make_method(method, {}).settings else "by hand"


@cache
def trials_by_search() -> dict[tuple[str, str], int]:
    """How many trials there were of each method on each modality."""
    kept = pd.read_csv(TUNED_FOLDER / f"{TUNED}.csv")
    return {
        (str(method), str(modality)): int(n) for (method, modality), n in kept.value_counts(SEARCH).items()
    }


def rows(run: Path, recipe: Recipe, scores: Scores, modality: str) -> Iterator[tuple[str, ...]]:
    """Each method with where its settings come from, its scores and its costs, nearest to retrained first.

    Raises:
        UserError: if there are several forget ratios, or no trajectories.
    """
    if len(scores.conditions) != 1:
        raise UserError(f"{run} has several forget ratios or protocols; expected a run of one")
    (condition,) = scores.conditions
    names = {lineage_title(each): each.method for each in scores.methods(condition, modality)}
    of_method = {method: values for method, *values in costs(run, modality)}
    blocks = {
        block.title: block.methods for block in make_equal_utility_grid(scores, condition, modality).blocks
    }
    if WHOLE not in blocks:
        raise UserError(f"{run} has no trajectories of what was unlearned on {modality}; expected some")
    by_door = [{row.title: row.cells[DISTANCE] for row in blocks.get(title, ())} for title in DOORS]
    for row in blocks[WHOLE]:
        method = names[row.title]
        doors = [cells.get(row.title) for cells in by_door] if modality != "both" else []
        cells = [f"{cell.text} {cell.interval}".strip() if cell else "–" for cell in (*row.cells, *doors)]
        yield method_title(method), origin(recipe, method, modality), *cells, *of_method[method]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print the leaderboard of a run.")
    parser.add_argument("run", type=Path, help="a finished run's folder")
    run: Path = parser.parse_args().run
    try:
        recipe = load_recipe(run / RECIPE_FILE)
        scores = Scores(read_results(run), read_person_scores(run), read_trajectories(run))
        for modality in recipe.modalities:
            doors = DOORS.values() if modality != "both" else ()
            heads = ("method", "settings", *SCORES, *doors, *HEADS[1:])
            lines = [f"| {' | '.join(row)} |" for row in rows(run, recipe, scores, modality)]
            print(f"\nUnlearned on {modality}\n\n| {' | '.join(heads)} |")
            print(f"|---|---|{'---:|' * (len(heads) - 2)}", *lines, sep="\n")
    except UserError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
