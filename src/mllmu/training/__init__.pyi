from .data.dataset import EncodedItems as EncodedItems
from .data.dataset import SampleDataset as SampleDataset
from .data.replay import Lessons as Lessons
from .data.replay import ReplayDataset as ReplayDataset
from .data.samples import Sample as Sample
from .data.samples import TrainingModality as TrainingModality
from .data.samples import forget_samples as forget_samples
from .data.samples import retain_samples as retain_samples
from .data.samples import training_samples as training_samples
from .fine_tuning import fine_tune as fine_tune
from .fine_tuning import train_items as train_items
from .settings import LoraSettings as LoraSettings
from .settings import OptimizationSettings as OptimizationSettings
from .settings import Precision as Precision
from .settings import TrainingSettings as TrainingSettings
from .settings import parse_settings as parse_settings
from .trainers.answer_trainer import AnswerTrainer as AnswerTrainer
from .trainers.trainer_arguments import training_arguments as training_arguments
from .upkeep.tracking import Tracking as Tracking
from .upkeep.tracking import require_trackers as require_trackers
from .upkeep.training_upkeep import Upkeep as Upkeep

__all__ = [
    "AnswerTrainer",
    "EncodedItems",
    "Lessons",
    "LoraSettings",
    "OptimizationSettings",
    "Precision",
    "ReplayDataset",
    "Sample",
    "SampleDataset",
    "Tracking",
    "TrainingModality",
    "TrainingSettings",
    "Upkeep",
    "fine_tune",
    "forget_samples",
    "parse_settings",
    "require_trackers",
    "retain_samples",
    "train_items",
    "training_arguments",
    "training_samples",
]
