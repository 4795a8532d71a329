from .attribute_distributions import Distribution as Distribution
from .attribute_distributions import Range as Range
from .attribute_distributions import asked_attributes as asked_attributes
from .attribute_distributions import distributions as distributions
from .benchmark_loader import load_benchmark as load_benchmark
from .benchmark_loader import load_benchmark_with_report as load_benchmark_with_report
from .benchmark_statistics import Statistics as Statistics
from .benchmark_statistics import statistics as statistics
from .fingerprinting import fingerprint as fingerprint
from .images import check_image as check_image
from .images import image_digest as image_digest
from .images import open_image as open_image
from .language.person_naming import name_person as name_person
from .layout_registry import LAYOUTS as LAYOUTS
from .layout_registry import FolderLayout as FolderLayout
from .load_report import LoadReport as LoadReport
from .splits import make_splits as make_splits
from .splits import official_splits as official_splits
from .splits import splits_for as splits_for
from .types import Benchmark as Benchmark
from .types import EvaluationSet as EvaluationSet
from .types import Modality as Modality
from .types import Profile as Profile
from .types import Question as Question
from .types import Split as Split
from .types import Task as Task
from .types import TrainingQuestion as TrainingQuestion
from .types import Wording as Wording
from .validation_issues import Check as Check
from .validation_issues import Location as Location
from .validation_issues import Severity as Severity
from .validation_issues import ValidationIssue as ValidationIssue
from .writing.writer import write_benchmark as write_benchmark

__all__ = [
    "LAYOUTS",
    "Benchmark",
    "Check",
    "Distribution",
    "EvaluationSet",
    "FolderLayout",
    "LoadReport",
    "Location",
    "Modality",
    "Profile",
    "Question",
    "Range",
    "Severity",
    "Split",
    "Statistics",
    "Task",
    "TrainingQuestion",
    "ValidationIssue",
    "Wording",
    "asked_attributes",
    "check_image",
    "distributions",
    "fingerprint",
    "image_digest",
    "load_benchmark",
    "load_benchmark_with_report",
    "make_splits",
    "name_person",
    "official_splits",
    "open_image",
    "splits_for",
    "statistics",
    "write_benchmark",
]
