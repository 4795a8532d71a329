"""Protocol ``official``: the published evaluation number for number, and the files it leaves and reads."""

from mllmu.evaluation.protocols.official.official_files import final_results, generations
from mllmu.evaluation.protocols.official.official_protocol import OFFICIAL, OFFICIAL_IDEFICS2

__all__ = ["OFFICIAL", "OFFICIAL_IDEFICS2", "final_results", "generations"]
