"""Digests of the compressed frames of a video, which are equal in copies whose container differs."""

import hashlib
from pathlib import Path

from atm_gcn.media.video.container import FAILURES, open_video

_LEAST = 200  # bytes; smaller packets repeat a frame, and are equal in many videos


def packet_digests(path: Path, count: int = 100) -> set[bytes]:
    """Digests of those among the first ``count`` packets of a video that hold more than a repeated frame.

    Raises:
        ATMGCNError: If the file is not a video.
    """
    digests: set[bytes] = set()
    with open_video(path) as video:
        try:
            for number, packet in enumerate(video.container.demux(video.stream)):
                if number >= count:
                    break
                if packet.size >= _LEAST:
                    digests.add(hashlib.sha256(bytes(packet)).digest())
        except FAILURES:  # damaged from here on
            pass
    return digests
