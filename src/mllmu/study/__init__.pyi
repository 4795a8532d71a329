from .depth.measure_depth import MeasuredDepth as MeasuredDepth
from .depth.measure_depth import measure_depth as measure_depth
from .pipeline.execution.run_display import BarDisplay as BarDisplay
from .pipeline.execution.run_display import Display as Display
from .pipeline.execution.run_display import LineDisplay as LineDisplay
from .pipeline.execution.run_display import make_display as make_display
from .pipeline.forecast.dry_run import Forecast as Forecast
from .pipeline.forecast.dry_run import forecast_run as forecast_run
from .pushing.prepared_model import prepared_model as prepared_model
from .pushing.prepared_people import prepared_people as prepared_people
from .pushing.prepared_push import PreparedPush as PreparedPush
from .pushing.prepared_push import push as push
from .recipe.presets import make_recipe as make_recipe
from .recipe.presets import preset_names as preset_names
from .recipe.recipe_settings import Recipe as Recipe
from .recipe.recipe_settings import SyntheticSettings as SyntheticSettings
from .recipe.recipe_settings import dump_recipe as dump_recipe
from .recipe.recipe_settings import load_recipe as load_recipe
from .recipe.step_settings import method_settings as method_settings
from .recipe.step_settings import training_settings as training_settings
from .recoverability.measure_recoverability import measure_recoverability as measure_recoverability
from .steps.audit_runs import Audit as Audit
from .steps.audit_runs import audit_runs as audit_runs
from .steps.audit_runs import write_audit as write_audit
from .steps.evaluate_step import evaluate_model as evaluate_model
from .steps.export_model import export_model as export_model
from .steps.find_person import find_person as find_person
from .steps.python_steps import Evaluation as Evaluation
from .steps.python_steps import evaluate as evaluate
from .steps.python_steps import train as train
from .steps.python_steps import unlearn as unlearn
from .steps.report_folders import report_again as report_again
from .steps.run_recipe import FinishedRun as FinishedRun
from .steps.run_recipe import run as run
from .steps.step_setting import StepSetting as StepSetting
from .steps.train_step import train_model as train_model
from .steps.unlearn_step import unlearn_model as unlearn_model
from .tuning.tune_method import Search as Search
from .tuning.tune_method import tune as tune

__all__ = [
    "Audit",
    "BarDisplay",
    "Display",
    "Evaluation",
    "FinishedRun",
    "Forecast",
    "LineDisplay",
    "MeasuredDepth",
    "PreparedPush",
    "Recipe",
    "Search",
    "StepSetting",
    "SyntheticSettings",
    "audit_runs",
    "dump_recipe",
    "evaluate",
    "evaluate_model",
    "export_model",
    "find_person",
    "forecast_run",
    "load_recipe",
    "make_display",
    "make_recipe",
    "measure_depth",
    "measure_recoverability",
    "method_settings",
    "prepared_model",
    "prepared_people",
    "preset_names",
    "push",
    "report_again",
    "run",
    "train",
    "train_model",
    "training_settings",
    "tune",
    "unlearn",
    "unlearn_model",
    "write_audit",
]
