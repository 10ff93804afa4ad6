"""Opening whatever a path names as a recording."""

import re
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures import refuse_single
from atm_gcn.media.sources.frame_folder import FrameFolder
from atm_gcn.media.sources.frame_source import FrameSource
from atm_gcn.media.sources.video_file import VideoFile

NUMBERS = (".npy", ".npz", ".csv", ".parquet")
ADDRESS = re.compile(r"[A-Za-z]{2,}:/")  # also where a path was made of it, which has one slash


def open_source(path: str | Path) -> FrameSource:
    """Open a folder of images or a video file.

    Raises:
        ATMGCNError: If there is nothing at ``path``, it is a single picture, or it holds no frames.
    """
    text, path = str(path), Path(path)
    try:
        if path.is_dir():
            return FrameFolder(path)
        is_file = path.is_file()
    except OSError as error:  # such as a name that is too long
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    if is_file:
        if path.suffix.lower() in NUMBERS:
            raise ATMGCNError(
                f"{path}: holds numbers instead of pictures; 'atm-gcn train' reads a manifest of features, and "
                "'atm-gcn predict' reads features with the models of such a run"
            )
        refuse_single(path)
        return VideoFile(path)
    if ADDRESS.search(text):
        raise ATMGCNError(f"{text}: is an address; download the video, and give the file")
    raise ATMGCNError(f"{path}: there is no such folder of frames or video")
