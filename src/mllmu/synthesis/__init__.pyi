from .alternatives import counterfactuals as counterfactuals
from .benchmark_synthesis import CELEBRITIES as CELEBRITIES
from .benchmark_synthesis import CELEBRITY_SEED as CELEBRITY_SEED
from .benchmark_synthesis import check_sizes as check_sizes
from .benchmark_synthesis import describe as describe
from .benchmark_synthesis import describe_fictitious as describe_fictitious
from .benchmark_synthesis import synthesize as synthesize
from .celebrity_lessons import CelebrityLessons as CelebrityLessons
from .celebrity_lessons import Lesson as Lesson
from .person import ATTRIBUTES as ATTRIBUTES
from .person import Person as Person
from .population import make_people as make_people
from .question_writer import write_questions as write_questions
from .question_writer import write_training_questions as write_training_questions

__all__ = [
    "ATTRIBUTES",
    "CELEBRITIES",
    "CELEBRITY_SEED",
    "CelebrityLessons",
    "Lesson",
    "Person",
    "check_sizes",
    "counterfactuals",
    "describe",
    "describe_fictitious",
    "make_people",
    "synthesize",
    "write_questions",
    "write_training_questions",
]
