"""Clips by the path of what holds them."""

from pathlib import Path

from atm_gcn.data.manifest import FILE_NAME, load_manifest, manifest_of
from atm_gcn.data.sequences.feature_file import has_features
from atm_gcn.data.store.clip_store import ClipStore
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.data.store.meta import META
from atm_gcn.errors import ATMGCNError


def open_clips(path: str | Path, apex: str = "largest") -> ClipStore:
    """Open a frame store, or a manifest of features.

    Args:
        path: Folder of the store; or the manifest, or a folder with a ``manifest.csv``.
        apex: See :func:`~atm_gcn.data.load_features`; clips of a frame store have their apex.

    Raises:
        ATMGCNError: If it is neither, or damaged; a manifest of recordings is to be prepared first.
    """
    path = Path(path)
    if not path.exists():
        raise ATMGCNError(f"{path}: does not exist; name a frame store, which atm-gcn prepare makes, or a manifest")
    if path.is_dir() and ((path / META).exists() or not (path / FILE_NAME).exists()):
        return FrameStore.open(path)
    if path.is_file() and path.suffix.lower() != ".csv":
        return FrameStore.open(path)
    if not any(has_features(clip.source) for clip in load_manifest(path)):
        raise ATMGCNError(
            f"{manifest_of(path)}: is a manifest of recordings; make a frame store, 'atm-gcn prepare manifest {path} "
            "STORE', and name that one"
        )
    from atm_gcn.data.sequences.load_features import load_features  # imports torch

    return load_features(path, apex=apex)
