"""How far a judge agrees with hand-made scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mllmu.evaluation.judge.calibration.calibration_pairs import CalibrationPair
from mllmu.evaluation.judge.calibration.kappa import weighted_kappa
from mllmu.evaluation.judge.verdicts import Judge, JudgeVerdict, NoVerdict
from mllmu.evaluation.scoring.bootstrap import DRAWS, Estimate, clustered_mean
from mllmu.evaluation.scoring.resampling import estimate
from mllmu.progress import Progress


@dataclass(frozen=True)
class Disagreement:
    """One pair and what the judge said of it.

    Attributes:
        example: the pair, with the score it should get.
        verdict: the judge's.
    """

    example: CalibrationPair
    verdict: JudgeVerdict

    @property
    def difference(self) -> int:
        """The judge's score less the expected one."""
        return self.verdict.score - self.example.expected.score


@dataclass(frozen=True)
class Agreement:
    """How far a judge agrees with hand-made scores.

    Attributes:
        judge: its name.
        kappa: quadratically weighted, with its interval.
        difference: the mean of the judge's score less the expected one, with its interval.
        within_one: share of pairs whose scores differ by at most 1, in 0..1.
        problems: why pairs have no score, and how often; they are left out of the rest.
        pairs: all scored pairs, the worst first.
    """

    judge: str
    kappa: Estimate
    difference: Estimate
    within_one: float
    problems: Mapping[str, int]
    pairs: Sequence[Disagreement]


def calibrate(
    judge: Judge, examples: Sequence[CalibrationPair], seed: int = 0, progress: Progress | None = None
) -> Agreement:
    """Let a judge score hand-made pairs, and compare.

    The answers to one question resemble each other, so that intervals come from resampling questions, each
    with all of its answers.

    Args:
        judge: the judge.
        examples: the pairs, of one half or of both.
        seed: of the resampling.
        progress: told of every scored pair.
    """
    verdicts = judge.judge([one.pair for one in examples], progress)
    scored = [
        Disagreement(example, verdict)
        for example, verdict in zip(examples, verdicts, strict=True)
        if isinstance(verdict, JudgeVerdict)
    ]
    given = np.asarray([one.verdict.score for one in scored], dtype=np.float64)
    expected = np.asarray([one.example.expected.score for one in scored], dtype=np.float64)
    questions = [one.example.pair.question + one.example.pair.value for one in scored]
    return Agreement(
        judge=judge.name,
        kappa=estimate(_kappa, (given, expected), questions, seed=seed, draws=DRAWS),
        difference=clustered_mean(given - expected, questions, seed),
        within_one=float(np.mean(np.abs(given - expected) <= 1)) if scored else float("nan"),
        problems=Counter(one.reason for one in verdicts if isinstance(one, NoVerdict)),
        pairs=sorted(scored, key=lambda one: -abs(one.difference)),
    )


def _kappa(given: np.ndarray, expected: np.ndarray) -> float:
    """`weighted_kappa` of scores as the bootstrap has them."""
    return weighted_kappa(given.astype(np.int64), expected.astype(np.int64))
