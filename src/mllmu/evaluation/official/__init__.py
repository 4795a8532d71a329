"""Protocol ``official``: the published evaluation number for number, and the files it leaves and reads."""

from mllmu.evaluation.official.protocol import OFFICIAL, OFFICIAL_IDEFICS2
from mllmu.evaluation.official.results import final_results, generations

__all__ = ["OFFICIAL", "OFFICIAL_IDEFICS2", "final_results", "generations"]
