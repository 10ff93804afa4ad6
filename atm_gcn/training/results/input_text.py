"""What a model reads, in words."""

from atm_gcn.config import DataConfig

KEPT = {"none": "whole pictures", "crop": "cropped to the face", "align": "aligned to the face"}


def input_text(data: DataConfig) -> str:
    """Size, rate, face, registration and view: ``"96 x 96 pixels, 30 frames per second, ..., whole pictures"``."""
    parts = [
        f"{data.size} x {data.size} pixels",
        f"{data.fps:g} frames per second" if data.fps else "frames as recorded",
        f"at most {data.max_frames} frames",
        KEPT[data.face] + (f" ({data.face_detector})" if data.face != "none" else ""),
    ]
    if data.register != "none":
        parts.append(f"registered to the onset ({data.register})")
    if data.view != "frames":
        parts.append(("frames and " if data.view == "both" else "") + f"optical flow ({_flow(data)})")
    return ", ".join(parts)


def _flow(data: DataConfig) -> str:
    side = data.flow_pixels
    return data.flow if data.flow == "pictures" else f"{data.flow}, {side} x {side} pixels"
