"""Records for tests: a row with nothing in it, and frames of such rows with something filled in."""

import pandas as pd

from mllmu.evaluation import SET_METRICS
from mllmu.evaluation.records import COLUMNS

_LISTS = {
    "demonstrators",
    "options",
    "option_letters",
    "option_log_probs",
    "option_lengths",
    "letter_log_probs",
    "answer_log_probs",
    "answer_is_argmax",
    "answer_parts",
    "answer_log_prob_means",
    "answer_log_prob_deviations",
    "paraphrase_log_probs",
    "wrong_log_probs",
}


def record(**filled):
    empty = {name: [] if name in _LISTS else "" for name in COLUMNS}
    unasked = {"letter_response": None, "judge_score": None, "answer_gradient_norm": None}
    return {**empty, **unasked, "eval_set": "forget", "modality": "text", "task": "generation", **filled}


def frame(*records):
    return pd.DataFrame([record(**one) for one in records], columns=list(COLUMNS))


def answered(items, said):
    """The records of text items, of which `said` tells the answer of each."""
    return frame(
        *(
            {
                "question_id": item.question.question_id,
                "question": item.question.text,
                "eval_set": item.eval_set.value,
                "response": said(item),
            }
            for item in items
        )
    )


def means(scores):
    """Those rows of scores that are means over questions, without metrics of whole sets."""
    names = scores["metric"].str.split("(", regex=False).str[0]
    return scores[~names.isin(SET_METRICS.names())].reset_index(drop=True)
