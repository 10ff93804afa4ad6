"""Models as programs that run without this package: ONNX files, and archives of ``torch.export``."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.export.clip_program import ClipProgram
    from atm_gcn.export.exporting import Exported, export_model

__all__ = ["ClipProgram", "Exported", "export_model"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ClipProgram": "clip_program",
        "Exported": "exporting",
        "export_model": "exporting",
    },
)
