from .people import protocol_of as protocol_of
from .people import read_some_records as read_some_records
from .run_tables import read_depth as read_depth
from .run_tables import read_person_scores as read_person_scores
from .run_tables import read_recoverability as read_recoverability
from .run_tables import read_results as read_results
from .run_tables import read_training_log as read_training_log
from .run_tables import read_trajectories as read_trajectories
from .tables.comparison_table import comparison_table as comparison_table
from .write import ReportPaths as ReportPaths
from .write import depth_tables as depth_tables
from .write import recoverability_tables as recoverability_tables
from .write import terminal_table as terminal_table
from .write import write_report as write_report

__all__ = [
    "ReportPaths",
    "comparison_table",
    "depth_tables",
    "protocol_of",
    "read_depth",
    "read_person_scores",
    "read_recoverability",
    "read_results",
    "read_some_records",
    "read_training_log",
    "read_trajectories",
    "recoverability_tables",
    "terminal_table",
    "write_report",
]
