"""Print the leaderboard of docs/results.md: methods of a run at equal utility, with what each costs.

    python scripts/leaderboard.py runs/all-methods

Settings are *tuned* where they come with the package, else by hand or the method's defaults. Costs are those
of ``scripts/method_costs.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from method_costs import HEADS, costs
from mllmu.report import read_person_scores, read_results, read_trajectories
from mllmu.report.names import lineage_title
from mllmu.report.numbers.scores import Scores
from mllmu.report.run_folder import RECIPE_FILE
from mllmu.report.tables.equal_utility_table import make_equal_utility_grid
from mllmu.study.recipe.recipe_settings import Recipe, load_recipe
from mllmu.study.recipe.tuned_settings import read_tuned
from mllmu.unlearning import make_method

TUNED = "100_people"
SCORES = (
    "−5: forget",
    "−5: from retrained",
    "−15: forget",
    "−15: from retrained",
    "utility where forget is at retrained",
)


def origin(recipe: Recipe, method: str, modality: str) -> str:
    """Where a method's settings come from."""
    if method in read_tuned(TUNED).get(modality, {}):
        return "tuned"
    chosen = make_method(method, recipe.method_settings(method, modality)).settings
    return "defaults" if chosen == make_method(method, {}).settings else "by hand"


def rows(run: Path) -> Iterator[tuple[str, ...]]:
    """Each method with where its settings come from, its scores and its costs, nearest to retrained first."""
    recipe = load_recipe(run / RECIPE_FILE)
    (modality,) = recipe.modalities
    scores = Scores(read_results(run), read_person_scores(run), read_trajectories(run))
    (condition,) = scores.conditions
    names = {lineage_title(each): each.method for each in scores.methods(condition, modality)}
    of_method = {title: values for title, *values in costs(run)}
    whole, *_ = make_equal_utility_grid(scores, condition, modality).blocks
    for row in whole.methods:
        cells = [f"{cell.text} {cell.interval}".strip() for cell in row.cells]
        yield row.title, origin(recipe, names[row.title], modality), *cells, *of_method[row.title]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print the leaderboard of a run.")
    parser.add_argument("run", type=Path, help="a finished run's folder, unlearned on one modality")
    heads = ("method", "settings", *SCORES, *HEADS[1:])
    print(f"| {' | '.join(heads)} |")
    print(f"|---|---|{'---:|' * (len(heads) - 2)}")
    for row in rows(parser.parse_args().run):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
