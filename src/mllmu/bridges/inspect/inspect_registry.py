"""What inspect_ai finds of this package; the entry point of group ``inspect_ai``."""

from mllmu.bridges.inspect.inspect_model import mllmu
from mllmu.bridges.inspect.inspect_scorers import SCORERS
from mllmu.bridges.inspect.inspect_task import questions

__all__ = ["SCORERS", "mllmu", "questions"]
