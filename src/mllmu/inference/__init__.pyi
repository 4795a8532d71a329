from .answer_cache import CachedEngine as CachedEngine
from .answer_store import AnswerStore as AnswerStore
from .engine import Engine as Engine
from .limits import Limits as Limits
from .model_cache_key import configuration as configuration
from .partial_answers import PartialAnswersError as PartialAnswersError
from .request import Extra as Extra
from .request import Request as Request
from .request import Stop as Stop
from .request import TokenScores as TokenScores
from .transformers_engine import TransformersEngine as TransformersEngine

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
