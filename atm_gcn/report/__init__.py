"""A finished run as one page that needs nothing else."""

from atm_gcn.report.page import write_report

__all__ = ["write_report"]
