"""The whole experiment: recipe, stages that are found again, resumption, and single steps."""

from mllmu.study.again import report_again
from mllmu.study.display import BarDisplay, Display, LineDisplay, make_display
from mllmu.study.people import find_person
from mllmu.study.presets import make_recipe, preset_names
from mllmu.study.recipe import Recipe, SyntheticSettings, dump_recipe, load_recipe
from mllmu.study.runs import FinishedRun, run
from mllmu.study.verbs import Evaluation, evaluate, train, unlearn
from mllmu.study.workbench import (
    Setting,
    evaluate_model,
    method_settings,
    train_model,
    training_settings,
    unlearn_model,
)

__all__ = [
    "BarDisplay",
    "Display",
    "Evaluation",
    "FinishedRun",
    "LineDisplay",
    "Recipe",
    "Setting",
    "SyntheticSettings",
    "dump_recipe",
    "evaluate",
    "evaluate_model",
    "find_person",
    "load_recipe",
    "make_display",
    "make_recipe",
    "method_settings",
    "preset_names",
    "report_again",
    "run",
    "train",
    "train_model",
    "training_settings",
    "unlearn",
    "unlearn_model",
]
