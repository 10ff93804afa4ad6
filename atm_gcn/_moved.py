"""Modules of 0.1 under their old names, with a :exc:`DeprecationWarning`; version 0.3 no longer has them."""

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "data.apex": "media.apex",
    "data.decoding": "data.clip_frames",
    "data.face": "media.faces.detection",
    "data.frames": "media.sources",
    "data.motion": "media.motion",
    "data.picture_matching": "media.picture_matching",
    "data.preparation": "data.store.preparation",
    "data.raw": "data.unannotated",
    "data.stream": "media.sources",
    "data.synth": "synth",
    "data.synth.dataset": "synth.dataset",
    "data.synth.long": "synth.long_video",
    "data.synth.movement": "synth.movement",
    "data.synth.recording": "synth.camera",
    "data.synth.truth": "synth.truth",
    "encoders.motion": "encoders.motion_encoder",
    "encoders.position": "encoders.positional_encoding",
    "graph.adaptive": "graph.adaptive_tm",
    "inference.many": "inference.batch",
    "inference.predicting": "inference.clip",
    "media.face_detection": "media.faces.detection",
    "tensor_file": "files.tensors",
    "training.card": "training.results.model_card",
    "training.ensemble": "inference.ensemble",
    "training.fold": "training.loop.fold",
    "training.run_folder": "training.results.run_folder",
    "training.splits": "training.protocol.splits",
}


class _Moved(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        return ModuleSpec(fullname, self, is_package=True) if package == "atm_gcn" and name in MOVED else None

    def exec_module(self, module: ModuleType) -> None:
        new = f"atm_gcn.{MOVED[module.__name__.partition('.')[2]]}"
        warnings.warn(f"{module.__name__} has moved to {new}", DeprecationWarning, stacklevel=2)
        found = import_module(new)
        names = getattr(found, "__all__", None) or [name for name in vars(found) if not name.startswith("_")]
        for name in names:
            setattr(module, name, getattr(found, name))


sys.meta_path.append(_Moved())
