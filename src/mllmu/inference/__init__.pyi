from .answer_cache import CachedEngine as CachedEngine
from .answer_store import AnswerStore as AnswerStore
from .engine import Engine as Engine
from .in_memory.limits import Limits as Limits
from .in_memory.model_cache_key import configuration as configuration
from .in_memory.transformers_engine import TransformersEngine as TransformersEngine
from .partial_answers import PartialAnswersError as PartialAnswersError
from .request import Extra as Extra
from .request import Request as Request
from .request import Stop as Stop
from .request import TokenScores as TokenScores

__all__ = [
    "AnswerStore",
    "CachedEngine",
    "Engine",
    "Extra",
    "Limits",
    "PartialAnswersError",
    "Request",
    "Stop",
    "TokenScores",
    "TransformersEngine",
    "configuration",
]
