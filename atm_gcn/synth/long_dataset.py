"""A dataset of long recordings: one video per drawn person, with a manifest of the expressions in it."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import FILE_NAME, write_manifest
from atm_gcn.files.refusals import write_errors
from atm_gcn.files.unfinished import UnfinishedFolder
from atm_gcn.machine import available_cores
from atm_gcn.synth.action_units import CLASSES, EMOTIONS
from atm_gcn.synth.camera import Recording
from atm_gcn.synth.dataset import check_dataset
from atm_gcn.synth.lively import Liveliness
from atm_gcn.synth.long_video import LONG_RECORDING, Planted, synthesize_long
from atm_gcn.terminal.progress import track

DATASET = "synth-long"
PER_MINUTE = 6.0  # micro-expressions
OWN = re.compile(rf"s\d+\.(mp4|json)|{re.escape(FILE_NAME)}")
"""Entries of an unfinished dataset; a folder with any other is refused."""


def synthesize_long_dataset(
    out: str | Path,
    subjects: int = 8,
    seconds: float = 120.0,
    num_classes: int = 3,
    size: int = 224,
    seed: int = 0,
    lively: Liveliness | None = None,
    recording: Recording = LONG_RECORDING,
    per_minute: float = PER_MINUTE,
    progress: bool = False,
) -> Path:
    """Write one long video per drawn person, and a manifest with every expression in them.

    The same arguments give the same frames. Micro-expressions and, of lively people, macro-expressions are rows of the
    manifest; talking, blinks and movements of the head are not.

    Args:
        out: Folder to make: ``<subject>.mp4``, the truth beside it as ``<subject>.json``, and ``manifest.csv``.
        subjects: Number of people.
        seconds: Length of each video.
        num_classes: 3, 5 or 7.
        size: Side of the frames in pixels, 64 or more.
        seed: Seed of all random numbers, from 0.
        lively: How the people talk, show macro-expressions and move the head; None leaves them quiet.
        recording: Strength and duration of the micro-expressions, and disturbances.
        per_minute: Micro-expressions per minute.
        progress: Show a bar on stderr.

    Returns:
        Path of the manifest.

    Raises:
        ATMGCNError: If an argument is out of range, the expressions do not fit into the time, or ``out`` or
            ``OUT.partial`` hold other files.
    """
    out = Path(out).absolute()
    check_dataset(out, num_classes, subjects=subjects, seconds=seconds, size=size, seed=seed)
    names = [f"s{subject + 1:02d}" for subject in range(subjects)]
    unfinished = UnfinishedFolder(out, "synthetic dataset", lambda entry: bool(OWN.fullmatch(entry)))
    with unfinished as folder, write_errors(out):
        folder.clear()

        def write(subject: int) -> list[Planted]:
            video = folder.path / f"{names[subject]}.mp4"
            settings = seconds, per_minute, num_classes, size, seed, subject, recording, lively
            return synthesize_long(video, *settings)

        try:
            with ThreadPoolExecutor(min(8, available_cores())) as pool:
                written = list(track(pool.map(write, range(subjects)), "videos drawn", "videos", subjects, progress))
            clips = [
                _clip(name, number, one, num_classes, recording.fps)
                for name, planted in zip(names, written, strict=True)
                for number, one in enumerate(planted, start=1)
            ]
            write_manifest(clips, folder.path / FILE_NAME)
            folder.finish()
        except BaseException:
            folder.remove()
            raise
    return out / FILE_NAME


def _clip(name: str, number: int, one: Planted, num_classes: int, fps: float) -> Clip:
    emotion = CLASSES[num_classes][one.label]
    return Clip(
        dataset=DATASET,
        subject=name,
        name=f"{name}-{number:02d}",
        onset=one.onset,
        apex=one.apex,
        offset=one.offset,
        fps=fps,
        emotion=emotion,
        label=one.label,
        source=f"{name}.mp4",
        action_units="+".join(EMOTIONS[emotion]),
        kind=one.kind,
    )
