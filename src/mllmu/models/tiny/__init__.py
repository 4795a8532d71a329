"""The built-in model: a small LLaVA, its tokenizer, and its shipped base weights."""

from mllmu.models.tiny.architecture import TinySize, build_model
from mllmu.models.tiny.processor import build_processor, train_tokenizer

__all__ = ["TinySize", "build_model", "build_processor", "train_tokenizer"]
