"""Teaching a model: samples, answer-masked batches and fine-tuning on transformers.Trainer."""

from mllmu.training.dataset import EncodedItems, SampleDataset
from mllmu.training.fine_tune import fine_tune, train_items
from mllmu.training.samples import Sample, TrainingModality, training_samples
from mllmu.training.settings import LoraSettings, OptimizationSettings, TrainingSettings, parse_settings
from mllmu.training.trainer import AnswerTrainer, training_arguments

__all__ = [
    "AnswerTrainer",
    "EncodedItems",
    "LoraSettings",
    "OptimizationSettings",
    "Sample",
    "SampleDataset",
    "TrainingModality",
    "TrainingSettings",
    "fine_tune",
    "parse_settings",
    "train_items",
    "training_arguments",
    "training_samples",
]
