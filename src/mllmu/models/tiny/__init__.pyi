from .architecture import TinySize as TinySize
from .architecture import build_model as build_model
from .processor import build_processor as build_processor
from .processor import train_tokenizer as train_tokenizer

__all__ = ["TinySize", "build_model", "build_processor", "train_tokenizer"]
