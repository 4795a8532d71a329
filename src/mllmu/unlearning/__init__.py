"""Making a model forget: losses, methods, and the registry of their names."""

from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.registry import METHODS, get_method, make_method, method_names
from mllmu.unlearning.step import Side, Step
from mllmu.unlearning.trained import Need, TrainedMethod
from mllmu.unlearning.unlearn import unlearn

__all__ = [
    "METHODS",
    "Job",
    "Method",
    "Need",
    "Side",
    "Step",
    "TrainedMethod",
    "get_method",
    "make_method",
    "method_names",
    "unlearn",
]
