"""The report of a finished run as one self-contained HTML page."""

from atm_gcn.report.page import write_report

__all__ = ["write_report"]
