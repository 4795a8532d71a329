"""Tune methods on faces, on names and on both, and keep what was chosen for recipes.

    python scripts/tune_methods.py --preset quick --trials 12 --out tuned --keep 100_people

Calls ``mllmu tune`` for every method of a preset that trains, a few trials of each in turn, so that it may be
stopped at any time; called again it goes on. ``--keep`` then writes settings that a recipe takes by
``tuned: 100_people``, and beside them every trial that was made.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import yaml

from mllmu.cli.console import errors, prepare_libraries
from mllmu.study import Search, make_display, make_recipe, tune
from mllmu.study.recipe.recipe_settings import UnlearnModality, complete_method_settings
from mllmu.study.recipe.tuned_settings import TUNED_FOLDER, write_tuned
from mllmu.study.tuning.tune_method import CHOICE_FILE, HISTORY_FILE
from mllmu.unlearning import METHODS, TrainedMethod

MODALITIES: tuple[UnlearnModality, ...] = get_args(UnlearnModality)
TOLERATED = "at utility -5"
# Trials of one method before it is the next one's turn.
_TURN = 3


def turns(arguments: argparse.Namespace) -> Iterator[Search]:
    """Searches in the order they are called, each for a few more trials than when it was called before."""
    recipe = make_recipe(arguments.preset)
    methods = arguments.methods or [
        name for name in recipe.methods if issubclass(METHODS.get(name), TrainedMethod)
    ]
    upto = [*range(_TURN, arguments.trials, _TURN), arguments.trials]
    for trials in upto:
        for method in methods:
            for modality in arguments.modalities:
                yield Search(
                    recipe,
                    method,
                    modality,
                    arguments.forget,
                    arguments.people_seed,
                    trials,
                    arguments.passes,
                    arguments.seed,
                )


def chosen_settings(search: Search, out: Path) -> dict[str, Any]:
    """What a search has chosen so far, without settings that are the method's defaults; empty if nothing."""
    choice = yaml.safe_load((out / search.name / CHOICE_FILE).read_text(encoding="utf-8")).get(TOLERATED)
    if choice is None:
        return {}
    defaults = complete_method_settings(search.method, {})
    return {key: value for key, value in choice["settings"].items() if value != defaults[key]}


def keep(searches: list[Search], out: Path, name: str) -> None:
    """Write the settings and the trials of all searches that were begun."""
    chosen: dict[str, dict[str, Any]] = {}
    trials = []
    for search in searches:
        if settings := chosen_settings(search, out):
            chosen.setdefault(search.modality, {})[search.method] = settings
        history = pd.read_csv(out / search.name / HISTORY_FILE)
        history.insert(0, "method", search.method)
        history.insert(1, "modality", search.modality)
        trials.append(history)
    print(f"settings: {write_tuned(name, chosen)}")
    file = TUNED_FOLDER / f"{name}.csv"
    pd.concat(trials, ignore_index=True).to_csv(file, index=False, float_format="%.4g")
    print(f"trials:   {file}")


def main() -> None:
    """Tune, and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", default="quick", help="whose base, teaching and number of people")
    parser.add_argument("--methods", nargs="+", help="names of methods; those of the preset if left out")
    parser.add_argument("--modalities", nargs="+", choices=MODALITIES, default=MODALITIES)
    parser.add_argument("--forget", type=int, default=10, help="per cent of the people")
    parser.add_argument("--people-seed", type=int, default=1000, help="of the people it is tuned on")
    parser.add_argument("--trials", type=int, default=12, help="of every method on every modality")
    parser.add_argument("--passes", type=float, default=10.0, help="of every trial")
    parser.add_argument("--seed", type=int, default=0, help="of trainings and proposals")
    parser.add_argument("--out", type=Path, default=Path("tuned"), help="folder of the searches")
    parser.add_argument("--keep", metavar="NAME", help="what a recipe calls the settings under 'tuned'")
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    prepare_libraries()
    searches = {}
    for search in turns(arguments):
        tune(search, arguments.out, arguments.device, make_display(errors))
        searches[search.name] = search
    if arguments.keep:
        keep(list(searches.values()), arguments.out, arguments.keep)


if __name__ == "__main__":
    main()
