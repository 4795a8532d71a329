"""Asking a model: likelihoods of given answers, and answers it writes itself."""

from mllmu.inference.answer_cache import CachedEngine
from mllmu.inference.answer_store import AnswerStore
from mllmu.inference.engine import Engine
from mllmu.inference.limits import Limits
from mllmu.inference.model_cache_key import configuration
from mllmu.inference.parallel_processes import is_main_process
from mllmu.inference.request import Request, Stop, TokenScores
from mllmu.inference.transformers_engine import TransformersEngine

__all__ = [
    "AnswerStore",
    "CachedEngine",
    "Engine",
    "Limits",
    "Request",
    "Stop",
    "TokenScores",
    "TransformersEngine",
    "configuration",
    "is_main_process",
]
