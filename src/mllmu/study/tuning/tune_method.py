"""Searching settings under which a method comes nearest to retrained at equal utility."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import pandas as pd

from mllmu.errors import DivergedError, UserError
from mllmu.files import atomic_file
from mllmu.report.tables.equal_utility_table import LOSSES
from mllmu.source_digest import source_digest
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.folder_lock import locked
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.forecast.remaining_time import ExpectedStage
from mllmu.study.pipeline.forecast.time_estimate import Pace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.recipe_check import check_recipe
from mllmu.study.pipeline.run_plan import PlannedStage, Planner
from mllmu.study.recipe.recipe_settings import SYNTHETIC, complete_method_settings
from mllmu.study.tuning.choice import choices
from mllmu.study.tuning.search import Search
from mllmu.study.tuning.trials import Trials
from mllmu.training.seeds import part_seed
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE
from mllmu.yaml_reading import dump_yaml

if TYPE_CHECKING:
    import optuna

HISTORY_FILE, CHOICE_FILE, STUDY_FILE = "history.csv", "tuned.yaml", "study.db"
_DIVERGED = 100.0
_TRIALS = "trials"
# What makes numbers of a trial's answers; that of asking and of single scores is in its stage already.
_SCORED_BY = (
    "mllmu.study.tuning.trials",
    "mllmu.study.tuning.trial_score",
    "mllmu.report.numbers.trajectories",
    "mllmu.evaluation.scoring.equal_utility",
)
_SPREAD = 6
"""Trials before proposals are made from what was found."""


def tune(search: Search, out: Path, device: str, display: Display) -> pd.DataFrame:
    """Try settings until there are enough trials; called again with the same folder it goes on.

    The settings that a method has in the recipe are tried first, then five others that are spread over the
    ranges that the method names (Halton's sequence, scrambled); from the seventh on, a tree-structured Parzen
    estimator (Optuna) proposes them.

    Args:
        search: what to tune.
        out: a folder for searches. People and models lie in ``stages``, and searches on the same people share
            them, also at the same time; the history of trials (``history.csv``) and the choice
            (``tuned.yaml``) lie in a folder of the search's name.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        display: whom to tell.

    Returns:
        One row per trial: what was tried, and for each tolerated loss of utility the best passes, distance
        to retrained, forget and utility, in points of 100; not a number where the training diverged.

    Raises:
        UserError: if the method, the people or the folder does not fit, or Optuna is not installed.
    """
    recipe = search.development()
    check_recipe(recipe, device)
    _require_optuna()
    folder, stages = out / search.name, out / "stages"
    with locked(folder), display:
        executor = Executor(Store(stages), display)
        executor.expect(3 + search.trials)
        opened = OpenedRecipe(recipe, open_benchmark(SYNTHETIC, recipe.synthetic, executor.do), device)
        titles = [
            f"trial {number + 1} of {search.trials}: {search.method}" for number in range(search.trials)
        ]
        vanilla, retrained, first = _models(opened, executor, device, titles)
        trials = Trials(opened, search.method, search.modality, vanilla, retrained, search.seed)
        identity = f"{first.hash} beside {retrained.hash}, by {source_digest(*_SCORED_BY)}"
        study = _open_study(search, folder, identity)
        finished = len(_finished(study))
        for title in titles[:finished]:
            display.skip(title)
        display.plan(_expected(titles[finished:]), _pace(study))

        def objective(trial: optuna.Trial) -> float:
            settings = _proposed(trial, search)
            title = titles[len(_finished(study))]
            display.begin(title)
            try:
                states, seconds = trials.run(settings, display.progress_of(title))
            except DivergedError as error:  # the search goes on elsewhere
                trial.set_user_attr("error", str(error))
                return _DIVERGED
            finally:
                display.end(title)
            trial.set_user_attr("seconds", round(seconds, 1))
            for loss, state in states.items():
                trial.set_user_attr(f"{loss:g}", vars(state))
            return states[LOSSES[0]].distance

        for number in range(finished, search.trials):
            _prepare_trial(study, search, number)
            study.optimize(objective, n_trials=1)
            _write(search, _history(search, study), folder)
        history = _history(search, study)
        _write(search, history, folder)
    return history


def _require_optuna() -> None:
    if find_spec("optuna") is None:
        raise UserError("mllmu tune needs Optuna; expected: pip install 'mllmu[tune]'.")


def _open_study(search: Search, folder: Path, identity: str) -> optuna.Study:
    """The trials there are, of the same search on the same models with the same code, and no other ones."""
    import optuna
    from optuna.storages import RDBStorage

    def opened() -> sqlite3.Connection:
        # In a URL, which is all that Optuna takes, "?" would end the path. Its threads share connections.
        return sqlite3.connect(folder / STUDY_FILE, check_same_thread=False)

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        study_name=f"{search.name}: {identity}",
        storage=RDBStorage(f"sqlite:///{STUDY_FILE}", {"creator": opened}),
        load_if_exists=True,
        direction="minimize",
    )


def _prepare_trial(study: optuna.Study, search: Search, trial: int) -> None:
    """Choose what proposes a trial, by its number: a search that goes on proposes what it would have.

    A trial that was interrupted or killed was not tried, and its number is the next one's.
    """
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    study.sampler = TPESampler(seed=part_seed(search.seed, f"trial {trial}"), n_startup_trials=_SPREAD)
    if trial < _SPREAD and not study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
        study.enqueue_trial(_spread(search)[trial])


def _spread(search: Search) -> list[dict[str, float]]:
    """What is tried first: the recipe's own settings as far as they are searched, and a sequence over all.

    Independent draws would not do: among so few, two may be all but the same.
    """
    from scipy.stats.qmc import Halton

    space, start = search.space, search.start()
    tried = [{key: bounds.clipped(start[key]) for key, bounds in space.items()}]
    for shares in Halton(len(space), seed=part_seed(search.seed, "spread")).random(_SPREAD - 1):
        share_of = dict(zip(space, shares, strict=True))
        tried.append({key: bounds.at(share_of[key]) for key, bounds in space.items()})
    return tried


def _proposed(trial: optuna.Trial, search: Search) -> dict[str, Any]:
    """All settings of a trial, those that are tuned with two digits, as a person would write them."""
    space = search.space.items()
    drawn = {key: trial.suggest_float(key, bounds.low, bounds.high, log=True) for key, bounds in space}
    return complete_method_settings(search.method, {**search.start(), **_rounded(search, drawn)})


def _rounded(search: Search, drawn: Mapping[str, float]) -> dict[str, float]:
    """Two digits each, and no further than what may be tried."""
    return {key: search.space[key].clipped(float(f"{value:.2g}")) for key, value in drawn.items()}


def _models(
    opened: OpenedRecipe, executor: Executor, device: str, trials: Iterable[str]
) -> tuple[Made, Made, Stage]:
    """The vanilla and the retrained model, and how vanilla would unlearn with what is not searched.

    The last is not made; its hash says what all trials depend on.
    """
    planner = Planner(opened.recipe, device, len(opened.benchmark.profiles), 0)
    stages = {planned.lineage: stage for planned, stage in planner.models().items()}
    vanilla, retrained = stages.pop(VANILLA_LINEAGE), stages.pop(RETRAINED_LINEAGE)
    (unlearning,) = stages.values()
    results: dict[PlannedStage, Made] = {}
    executor.plan((vanilla, retrained), _expected(trials))
    executor.do_all((vanilla, retrained), opened, results)
    return results[vanilla], results[retrained], unlearning.stage(opened, [results[vanilla]])


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    from optuna.trial import TrialState

    return list(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _expected(trials: Iterable[str]) -> list[ExpectedStage]:
    return [ExpectedStage(title, _TRIALS, "", 1.0) for title in trials]


def _pace(study: optuna.Study) -> Pace:
    """How long the trials of earlier calls took."""
    seconds = [trial.user_attrs["seconds"] for trial in _finished(study) if "seconds" in trial.user_attrs]
    return Pace({(_TRIALS, ""): mean(seconds)} if seconds else {})


def _history(search: Search, study: optuna.Study) -> pd.DataFrame:
    rows = []
    for trial in _finished(study):
        row: dict[str, Any] = {"trial": trial.number, **_rounded(search, trial.params)}
        for loss in LOSSES:
            state = trial.user_attrs.get(f"{loss:g}", {})
            for key in ("passes", "distance", "forget", "utility"):
                row[f"{key} at -{loss:g}"] = state.get(key, float("nan"))
        rows.append({**row, "seconds": trial.user_attrs.get("seconds", float("nan"))})
    return pd.DataFrame(rows)


def _write(search: Search, history: pd.DataFrame, out: Path) -> None:
    with atomic_file(out / HISTORY_FILE) as unfinished:
        history.to_csv(unfinished, index=False)
    with atomic_file(out / CHOICE_FILE) as unfinished:
        unfinished.write_text(dump_yaml(choices(search, history), sort_keys=False), encoding="utf-8")
