from .asking import ask as ask
from .asking_precision import asked_in as asked_in
from .asking_precision import precision_name as precision_name
from .asking_precision import warn_of_emulation as warn_of_emulation
from .letter_chance import letters_above_chance as letters_above_chance
from .metric_registry import METRICS as METRICS
from .metric_registry import get_metric as get_metric
from .metric_registry import metric_names as metric_names
from .metrics.metric import Direction as Direction
from .metrics.metric import Metric as Metric
from .metrics.metric import Unit as Unit
from .missing_answers import lacks_answer as lacks_answer
from .missing_answers import missing_answers_warning as missing_answers_warning
from .missing_answers import missing_likelihoods_warning as missing_likelihoods_warning
from .protocol import Asking as Asking
from .protocol import Part as Part
from .protocol import Protocol as Protocol
from .protocol import Scored as Scored
from .protocol import Written as Written
from .protocol_registry import PROTOCOLS as PROTOCOLS
from .protocol_registry import get_protocol as get_protocol
from .protocol_registry import protocol_names as protocol_names
from .protocols.strict.strict_protocol import STRICT as STRICT
from .questions.items import Demonstration as Demonstration
from .questions.items import Item as Item
from .questions.items import Key as Key
from .questions.items import distinct_items as distinct_items
from .questions.question_sets import question_sets as question_sets
from .recorded_extras import get_extras as get_extras
from .recorded_extras import require_extras as require_extras
from .recorded_extras import require_scored_answers as require_scored_answers
from .records import read_records as read_records
from .records import record_keys as record_keys
from .records import records_of_split as records_of_split
from .records import write_records as write_records
from .scoring.comparison import Difference as Difference
from .scoring.comparison import compare as compare
from .scoring.comparison import compare_values as compare_values
from .scoring.comparison import difference_of_people as difference_of_people
from .scoring.comparison import holm as holm
from .scoring.comparison import person_scores as person_scores
from .scoring.mean_accuracy import ALL as ALL
from .scoring.mean_accuracy import MEAN_ACCURACY as MEAN_ACCURACY
from .scoring.mean_accuracy import accuracy_metrics as accuracy_metrics
from .scoring.model_scores import ModelScores as ModelScores
from .scoring.model_scores import score as score
from .scoring.model_scores import score_model as score_model
from .scoring.reference_answers import ReferenceAnswers as ReferenceAnswers
from .scoring.score import question_values as question_values
from .scoring.sign_flip import smallest_p_value as smallest_p_value
from .set_metric_registry import SET_METRICS as SET_METRICS
from .set_metric_registry import is_set_metric as is_set_metric
from .set_metrics.set_metric import Goal as Goal
from .set_metrics.set_metric import Models as Models
from .set_metrics.set_metric import ReferenceModel as ReferenceModel
from .set_metrics.set_metric import SetMetric as SetMetric
from .set_metrics.set_metric import SetSample as SetSample
from .set_metrics.set_metric import split_name as split_name
from .view import VIEWS as VIEWS
from .view import View as View
from .view import name_of_view as name_of_view
from .view import under_views as under_views
from .without_letters import WithoutLetters as WithoutLetters

__all__ = [
    "ALL",
    "MEAN_ACCURACY",
    "METRICS",
    "PROTOCOLS",
    "SET_METRICS",
    "STRICT",
    "VIEWS",
    "Asking",
    "Demonstration",
    "Difference",
    "Direction",
    "Goal",
    "Item",
    "Key",
    "Metric",
    "ModelScores",
    "Models",
    "Part",
    "Protocol",
    "ReferenceModel",
    "Scored",
    "SetMetric",
    "SetSample",
    "Unit",
    "View",
    "WithoutLetters",
    "Written",
    "accuracy_metrics",
    "ask",
    "asked_in",
    "compare",
    "compare_values",
    "difference_of_people",
    "distinct_items",
    "get_extras",
    "get_metric",
    "get_protocol",
    "holm",
    "is_set_metric",
    "lacks_answer",
    "letters_above_chance",
    "metric_names",
    "missing_answers_warning",
    "missing_likelihoods_warning",
    "name_of_view",
    "person_scores",
    "precision_name",
    "protocol_names",
    "question_sets",
    "question_values",
    "read_records",
    "record_keys",
    "records_of_split",
    "require_extras",
    "require_scored_answers",
    "score",
    "score_model",
    "smallest_p_value",
    "split_name",
    "under_views",
    "warn_of_emulation",
    "write_records",
]
