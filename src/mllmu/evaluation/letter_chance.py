"""Whether a model names the letters of options better than chance; else asking for them is of no use."""

from __future__ import annotations

import pandas as pd
from scipy.stats import binomtest

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation.metrics.option_accuracy import letter_likelihood_accuracy

SAMPLE = 200
"""Questions of each modality: fewer would miss letters that are right in a third of the cases."""
_LEVEL = 0.05
# Whom a vanilla model was taught.
_TAUGHT = (EvaluationSet.FORGET.value, EvaluationSet.RETAIN.value)


def letters_above_chance(records: pd.DataFrame, seed: int) -> bool:
    """Whether the likeliest letters are right more often than guesses, in some modality.

    By an exact binomial test, one-sided at 5 % in each modality, on a sample of the questions about people
    that were taught. Chance is one of the options a question has, on average over the sample.

    Args:
        records: of a model that was asked for letters; False if it was not.
        seed: draws the sample.
    """
    taught = records[records["eval_set"].isin(_TAUGHT)].drop_duplicates(
        ["modality", "profile_id", "question_id"]
    )
    right = pd.Series(letter_likelihood_accuracy(taught), index=taught.index).dropna() / 100
    for _, asked in taught.loc[right.index].groupby("modality"):
        drawn = asked.sample(min(SAMPLE, len(asked)), random_state=abs(seed) % 2**32)
        chance = (1 / drawn["option_letters"].map(len)).mean()
        named = int(right[drawn.index].sum())
        if binomtest(named, len(drawn), chance, alternative="greater").pvalue < _LEVEL:
            return True
    return False
