"""The hand-made pairs that judges are calibrated on, and their two halves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files

from mllmu.evaluation.judge.verdicts import AnswerPair, JudgeVerdict
from mllmu.json_text import parse_json

_LAST_OF_DEVELOPMENT = 16


class PairHalf(str, Enum):
    """Which half of the pairs: rules may be written looking at one, and are measured on the other."""

    DEVELOPMENT = "development"
    HELD_OUT = "held-out"


@dataclass(frozen=True)
class CalibrationPair:
    """An answer with the score that it should get.

    Attributes:
        person: number of the invented person the question is about.
        pair: question, true answer and given answer.
        expected: score and reason, written by hand.
    """

    person: int
    pair: AnswerPair
    expected: JudgeVerdict

    @property
    def half(self) -> PairHalf:
        """The half it is in; the held-out one was written when the rules stood."""
        return PairHalf.DEVELOPMENT if self.person <= _LAST_OF_DEVELOPMENT else PairHalf.HELD_OUT


@lru_cache(maxsize=1)
def all_calibration_pairs() -> tuple[CalibrationPair, ...]:
    """Every pair of both halves, in the order of the file."""
    text = files(__package__).joinpath("pairs.jsonl").read_text(encoding="utf-8")
    return tuple(_pair(parse_json(line)) for line in text.splitlines())


def calibration_pairs(half: PairHalf) -> list[CalibrationPair]:
    """The pairs of one half."""
    return [one for one in all_calibration_pairs() if one.half is half]


def _pair(entry: dict[str, object]) -> CalibrationPair:
    texts = {name: str(entry[name]) for name in ("question", "answer", "value", "given", "attribute")}
    score, person = entry["score"], entry["person"]
    if not isinstance(score, int) or not isinstance(person, int):
        raise ValueError(f"expected whole numbers for score and person in {entry}")
    return CalibrationPair(person, AnswerPair(**texts), JudgeVerdict(score, str(entry["reason"])))
