"""The report of a finished run as one self-contained HTML page."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.report.page import write_report

__all__ = ["write_report"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "write_report": "page",
    },
)
