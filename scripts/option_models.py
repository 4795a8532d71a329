"""A model that learns from other people's questions which option is likely to be the true one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GroupKFold

FOLDS = 5
Row = tuple[str, Mapping[str, str], str, Sequence[str]]
"""Attribute, options by letter, the correct letter, and hints: words about the person."""


def trained_scores(rows: Sequence[Row], people: Sequence[str], seed: int) -> list[dict[str, float]]:
    """Score every option by a logistic regression that was trained on the questions about other people.

    It sees the attribute, the option's words, its letter and length, and each of these words together with
    each hint.

    Args:
        rows: the questions.
        people: whom each question is about; nobody is both learned from and guessed.
        seed: of the training order.
    """
    features, targets, owners, letters = [], [], [], []
    for index, (attribute, options, correct, hints) in enumerate(rows):
        for letter, text in options.items():
            words = [f"{attribute}={text}", *(f"{attribute}={word}" for word in text.casefold().split())]
            crossed = [f"{hint}&{word}" for hint in hints for word in words]
            features.append([*words, f"letter {letter}", f"length {len(text) // 4}", *crossed])
            targets.append(letter == correct)
            owners.append(people[index])
            letters.append((index, letter))
    matrix = FeatureHasher(2**18, input_type="string").transform(features)
    truth = np.asarray(targets)
    scores: list[dict[str, float]] = [{} for _ in rows]
    for learned, guessed in GroupKFold(FOLDS).split(matrix, truth, owners):
        model = SGDClassifier(loss="log_loss", alpha=1e-4, random_state=seed)
        model.fit(matrix[learned], truth[learned])
        for position, score in zip(guessed, model.decision_function(matrix[guessed]), strict=True):
            index, letter = letters[position]
            scores[index][letter] = float(score)
    return scores
