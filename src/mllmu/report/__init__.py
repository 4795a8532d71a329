"""Showing it: tables for the terminal, Markdown and LaTeX, figures, and one self-contained HTML page."""

from mllmu.report.write import ReportPaths, read_results, terminal_table, write_report

__all__ = ["ReportPaths", "read_results", "terminal_table", "write_report"]
