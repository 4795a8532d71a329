"""Tune methods on faces, on names and on both, and keep what was chosen for recipes.

    python scripts/tune_methods.py --preset quick --trials 12 --out tuned --keep 100_people

Calls ``mllmu tune`` for every method of a preset of which something can be tuned, a few trials of each in
turn, so that it may be stopped at any time; called again it goes on. With ``--workers`` several searches go
on at the same time, each in a process of its own and to its end. ``--keep`` then writes the settings of
every search that lies in the folder, which a recipe takes by ``tuned: 100_people``, and beside them every
trial that was made; with ``--trials 0`` that is all it does. Methods and modalities that were kept under
the name before, and of which no search lies in the folder, stay: several machines may each tune some, one
after the other.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import torch

from mllmu.cli.console import errors, prepare_libraries
from mllmu.cli.library_limits import limit_libraries
from mllmu.errors import UserError
from mllmu.files import atomic_file
from mllmu.study import Display, Search, make_display, make_recipe, tune
from mllmu.study.pipeline.execution.workers.end_with_parent import end_with_parent
from mllmu.study.recipe.recipe_settings import UnlearnModality, complete_method_settings
from mllmu.study.recipe.tuned_settings import TUNED_FOLDER, read_tuned, tuned_names, write_tuned
from mllmu.study.tuning.choice import choose
from mllmu.study.tuning.search import tunable
from mllmu.study.tuning.tune_method import HISTORY_FILE
from mllmu.unlearning import get_method

MODALITIES: tuple[UnlearnModality, ...] = get_args(UnlearnModality)
# Within 5 points of utility one of the paper's four methods comes near retrained, within 15 more of them.
TOLERATED = 15.0
# Trials of one method before it is the next one's turn.
_TURN = 3


def wanted_methods(arguments: argparse.Namespace) -> list[str]:
    """Those that were named, else those of the preset of which something can be tuned."""
    methods = make_recipe(arguments.preset).methods
    return arguments.methods or [name for name in methods if name in tunable()]


def searches(arguments: argparse.Namespace, methods: Sequence[str], trials: int) -> Iterator[Search]:
    """What is to be tuned with so many trials: every method on every modality."""
    recipe, people = make_recipe(arguments.preset), arguments.people_seed
    for method in methods:
        for modality in arguments.modalities:
            if modality in get_method(method).modalities:
                yield Search(
                    recipe,
                    method,
                    modality,
                    arguments.forget,
                    people,
                    trials,
                    arguments.passes,
                    arguments.seed,
                )


def turns(arguments: argparse.Namespace) -> Iterator[Search]:
    """Searches in the order they are called, each for a few more trials than when it was called before."""
    for trials in [*range(_TURN, arguments.trials, _TURN), arguments.trials]:
        yield from searches(arguments, wanted_methods(arguments), trials)


def tune_together(arguments: argparse.Namespace) -> None:
    """Every search to its end, several at a time; a line for whatever one of them has finished."""
    threads = max(1, torch.get_num_threads() // arguments.workers)
    limit_libraries()  # of the workers, which import torch anew
    with ProcessPoolExecutor(arguments.workers, get_context("spawn"), initializer=end_with_parent) as pool:
        futures = {
            pool.submit(tune_alone, search, arguments.out, arguments.device, threads): search.name
            for search in searches(arguments, wanted_methods(arguments), arguments.trials)
        }
        try:
            for future in as_completed(futures):
                future.result()
                errors.print(f"{futures[future]}: done")
        except BaseException:  # the others would go on for hours; called again they begin at their last trial
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in active_children():
                worker.terminate()
            raise


def tune_alone(search: Search, out: Path, device: str, threads: int) -> None:
    """One search, in one of several processes."""
    prepare_libraries()
    torch.set_num_threads(threads)
    tune(search, out, device, Ends(search.name))


class Ends(Display):
    """A line for each stage and trial that a search has finished, as bars of several would mix."""

    def __init__(self, search: str) -> None:
        self.search = search

    def end(self, title: str) -> None:
        """See `Display.end`."""
        errors.print(f"{self.search}: {title}")


def chosen_settings(search: Search, history: pd.DataFrame) -> dict[str, Any]:
    """What a search has chosen so far, and what else is not the method's default; empty if nothing.

    What was chosen counts on its modality even where it is the default, and not what was chosen on another.

    Raises:
        UserError: if the trials are of other settings than are searched now.
    """
    if lacking := sorted(search.space.keys() - history):
        raise UserError(
            f"the trials of {search.name} have no {', '.join(lacking)}; expected a search of the settings "
            f"that are searched now, made with --trials"
        )
    choice = choose(search, history, TOLERATED)
    if choice is None:
        return {}
    defaults, chosen = complete_method_settings(search.method, {}), {*search.space, "passes"}
    settings = choice["settings"].items()
    return {key: value for key, value in settings if key in chosen or value != defaults[key]}


def keep(arguments: argparse.Namespace) -> None:
    """Write the settings and the trials of all searches that lie in the folder, beside others kept before."""
    chosen = read_tuned(arguments.keep) if arguments.keep in tuned_names() else {}
    trials = trials_kept_before(arguments.keep)
    wanted = searches(arguments, tunable(), arguments.trials)
    files = [(search, arguments.out / search.name / HISTORY_FILE) for search in wanted]
    made = [(search, pd.read_csv(file)) for search, file in files if file.is_file()]
    if not made:
        raise UserError(f"there are no searches in {arguments.out}; expected some, made with --trials")
    for search, history in made:
        chosen.setdefault(search.modality, {}).pop(search.method, None)
        if settings := chosen_settings(search, history):
            chosen[search.modality][search.method] = settings
        history.insert(0, "method", search.method)
        history.insert(1, "modality", search.modality)
        trials[search.method, search.modality] = history
    table = pd.concat(trials.values(), ignore_index=True)
    measured = [name for name in table if " at -" in str(name) or name == "seconds"]
    tried = [name for name in table if name not in measured]
    file = TUNED_FOLDER / f"{arguments.keep}.csv"
    with atomic_file(file) as temporary:
        table[[*tried, *measured]].to_csv(temporary, index=False, float_format="%.4g")
    print(f"trials:   {file}")
    print(f"settings: {write_tuned(arguments.keep, {name: each for name, each in chosen.items() if each})}")


def trials_kept_before(name: str) -> dict[tuple[str, str], pd.DataFrame]:
    """The trials under a name, by method and modality, each with its own settings alone."""
    file = TUNED_FOLDER / f"{name}.csv"
    if not file.is_file():
        return {}
    groups = pd.read_csv(file).groupby(["method", "modality"], sort=False)
    return {
        (str(method), str(modality)): group.dropna(axis="columns", how="all")
        for (method, modality), group in groups
    }


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
    parser.add_argument(
        "--trials", type=int, default=12, help="of every method on every modality; 0 only keeps"
    )
    parser.add_argument("--passes", type=float, default=10.0, help="of every trial")
    parser.add_argument("--seed", type=int, default=0, help="of trainings and proposals")
    parser.add_argument("--out", type=Path, default=Path("tuned"), help="folder of the searches")
    parser.add_argument("--keep", metavar="NAME", help="what a recipe calls the settings under 'tuned'")
    parser.add_argument("--workers", type=int, default=1, help="searches that go on at the same time")
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    if arguments.trials < 0 or arguments.workers < 1:
        parser.error("--trials should be at least 0, and --workers at least 1")
    if arguments.keep is not None and not re.fullmatch(r"\w+", arguments.keep):
        parser.error(f"--keep is {arguments.keep!r}; expected a name of letters, digits and underscores")
    prepare_libraries()
    try:
        for search in searches(arguments, wanted_methods(arguments), arguments.trials):
            search.development()  # a mistake in the last is told before the first begins
        if arguments.trials and arguments.workers > 1:
            tune_together(arguments)
        elif arguments.trials:
            for search in turns(arguments):
                tune(search, arguments.out, arguments.device, make_display(errors))
        if arguments.keep:
            keep(arguments)
    except UserError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
