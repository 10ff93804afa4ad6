"""Writing the contact sheet of ``check --faces``: one HTML file that needs no network."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atm_gcn.data.clip_pictures.face_check import COMPARED, PIXELS, FaceCheck
from atm_gcn.files import writing
from atm_gcn.files.writing import encoded
from atm_gcn.media.drawing import draw_face
from atm_gcn.media.heatmaps import jpeg_bytes
from atm_gcn.report.rendering import render_template

_FRAME = re.compile(r"\b(frame) (\d)")


def write_face_sheet(checks: Sequence[FaceCheck], out: str | Path, title: str, detector: str) -> None:
    """Write the page, whole or not at all.

    Args:
        checks: The clips, in the order of the page.
        out: File to write.
        title: What the clips are.
        detector: Name of the detector.

    Raises:
        ATMGCNError: If ``out`` cannot be written.
    """
    content = {
        "title": title,
        "detector": detector,
        "pixels": PIXELS,
        "compared": COMPARED,
        "clips": [_tile(check) for check in checks],
        "counts": counts_of(checks),
    }
    with writing(out) as partial:
        partial.write_bytes(encoded(out, render_template("faces.html", content)))


def counts_of(checks: Sequence[FaceCheck]) -> dict[str, Any]:
    """Numbers of clips: all, ``without_face``, with ``several_faces``, with ``unfit_frames``; and their drift.

    ``largest_drift`` and ``median_drift`` are over the clips whose compared frames all fit the onset.
    """
    drifts = [check.drift for check in checks if check.drift is not None and not check.note]
    return {
        "clips": len(checks),
        "without_face": sum(check.face is None for check in checks),
        "several_faces": sum(len(check.faces) > 1 for check in checks),
        "unfit_frames": sum(check.face is not None and bool(check.note) for check in checks),
        "median_drift": float(np.median(drifts)) if drifts else None,
        "largest_drift": max(drifts) if drifts else None,
    }


def row_of(check: FaceCheck) -> dict[str, Any]:
    """What the page says of a clip, for JSON."""
    return {
        "clip": check.clip,
        "faces": len(check.faces),
        "confidence": None if check.face is None else check.face.confidence,
        "drift": check.drift,
        "note": check.note,
    }


def _tile(check: FaceCheck) -> dict[str, Any]:
    picture = None
    if check.shown is not None:
        picture = check.shown.copy()
        for face in check.faces:
            meant = check.face is not None and face.rectangle == check.face.rectangle
            draw_face(picture, face, meant)
    return row_of(check) | {
        "frame": check.frame,
        "note": _FRAME.sub("\\1\N{NO-BREAK SPACE}\\2", check.note),
        "picture": None if picture is None else _data_uri(picture),
        "aligned": None if check.aligned is None else _data_uri(check.aligned),
    }


def _data_uri(picture: np.ndarray) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg_bytes(picture)).decode()
