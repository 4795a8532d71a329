from .forget_request import ForgetRequest as ForgetRequest
from .forget_request import make_forget_request as make_forget_request
from .lineage import Lineage as Lineage
from .lineage import LineageStep as LineageStep
from .method import FurtherStep as FurtherStep
from .method import Job as Job
from .method import Method as Method
from .method_registry import FURTHER_STEPS as FURTHER_STEPS
from .method_registry import METHODS as METHODS
from .method_registry import get_method as get_method
from .method_registry import make_further_step as make_further_step
from .method_registry import make_method as make_method
from .method_registry import method_names as method_names
from .method_registry import require_modality as require_modality
from .need import Half as Half
from .need import Need as Need
from .neurons.activations import Activations as Activations
from .neurons.activations import mean_activations as mean_activations
from .pairing.step import Moment as Moment
from .pairing.step import Side as Side
from .pairing.step import Step as Step
from .pairing.watch import Watch as Watch
from .search_space import SearchRange as SearchRange
from .trained_method import TrainedMethod as TrainedMethod
from .unlearn import apply_further_step as apply_further_step
from .unlearn import unlearn as unlearn
from .unlearning_settings import UnlearningSettings as UnlearningSettings

__all__ = [
    "FURTHER_STEPS",
    "METHODS",
    "Activations",
    "ForgetRequest",
    "FurtherStep",
    "Half",
    "Job",
    "Lineage",
    "LineageStep",
    "Method",
    "Moment",
    "Need",
    "SearchRange",
    "Side",
    "Step",
    "TrainedMethod",
    "UnlearningSettings",
    "Watch",
    "apply_further_step",
    "get_method",
    "make_forget_request",
    "make_further_step",
    "make_method",
    "mean_activations",
    "method_names",
    "require_modality",
    "unlearn",
]
