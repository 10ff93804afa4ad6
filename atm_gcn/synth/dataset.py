"""A whole synthetic dataset: subjects, clips, manifest."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import FILE_NAME, write_manifest
from atm_gcn.errors import ATMGCNError, either
from atm_gcn.files.refusals import write_errors
from atm_gcn.files.unfinished import UnfinishedFolder
from atm_gcn.machine import available_cores
from atm_gcn.synth.action_units import CLASSES, EMOTIONS
from atm_gcn.synth.animation import plan_scene, render_frames
from atm_gcn.synth.camera import Recording
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.face.landmarks import Landmarks
from atm_gcn.synth.face.photographs import list_faces, load_face
from atm_gcn.synth.face.portrait import draw_portrait
from atm_gcn.synth.limits import LEAST, MOST
from atm_gcn.synth.movement import Bump
from atm_gcn.synth.truth import FILE_NAME as TRUTH_NAME
from atm_gcn.synth.truth import write_truth
from atm_gcn.terminal.progress import track

DATASET = "synth"
JPEG_QUALITY = 92
OWN = re.compile(rf"s\d+/(c\d+/(\d+\.(jpg|png))?)?|{re.escape(FILE_NAME)}|{re.escape(TRUTH_NAME)}")
"""Entries of an unfinished dataset; a folder with any other is refused."""


def synthesize(
    out: str | Path,
    subjects: int = 8,
    clips_per_subject: int = 12,
    num_classes: int = 3,
    size: int = 224,
    seed: int = 0,
    faces: str | Path | None = None,
    recording: Recording | None = None,
    progress: bool = False,
) -> Path:
    """Write clips of faces in which only the movement of the muscles reveals the class.

    The same arguments give the same bytes. A drawn person depends on the seed and the subject's number only;
    everything in a clip besides its movement also on the clip's number, but not on its class.

    Args:
        out: Folder to make: ``<subject>/<clip>/<frame number>.jpg``, ``manifest.csv``, ``truth.json``.
        subjects: Number of people. With ``faces``, at most this many, one per picture.
        clips_per_subject: Clips of each; classes are as equally frequent as possible.
        num_classes: 3, 5 or 7.
        size: Side of the frames in pixels, 64 or more.
        seed: Seed of all random numbers, from 0.
        faces: Folder of pictures whose faces are animated instead of drawn ones.
        recording: Difficulty and conditions of the clips; :data:`~atm_gcn.synth.camera.DIFFICULTIES` names two.
        progress: Show a bar on stderr.

    Returns:
        Path of the manifest.

    Raises:
        ATMGCNError: If an argument is out of range, ``out`` or ``OUT.partial`` hold other files, another process
            writes them, or a picture shows no face.
    """
    out, recording = Path(out).absolute(), recording or Recording()
    recording.check()
    check_dataset(out, num_classes, subjects=subjects, clips_per_subject=clips_per_subject, size=size, seed=seed)
    pictures = list_faces(faces)[:subjects] if faces else [None] * subjects
    unfinished = UnfinishedFolder(out, "synthetic dataset", lambda entry: bool(OWN.fullmatch(entry)))
    with unfinished as folder, write_errors(out):
        folder.clear()
        try:
            clips, truth = _write_clips(
                folder.path, pictures, clips_per_subject, num_classes, size, seed, recording, progress
            )
            write_truth(truth, folder.path / TRUTH_NAME)
            write_manifest(clips, folder.path / FILE_NAME)
            folder.finish()
        except BaseException:
            folder.remove()
            raise
    return out / FILE_NAME


def check_dataset(out: Path, num_classes: int, **numbers: float) -> None:
    """Make sure that a dataset can be drawn into ``out``.

    Args:
        out: Folder to make.
        num_classes: 3, 5 or 7.
        **numbers: Any of ``subjects``, ``clips_per_subject``, ``size``, ``seconds`` and ``seed``.

    Raises:
        ATMGCNError: If a number is out of range, or the folder holds something.
    """
    if num_classes not in CLASSES:
        raise ATMGCNError(f"num_classes must be {either(map(str, CLASSES))}, not {num_classes}")
    clips = numbers.get("clips_per_subject", num_classes)
    if clips < num_classes:
        raise ATMGCNError(f"clips_per_subject must be at least {num_classes}, one for every class, not {clips}")
    for name, value in numbers.items():
        if not LEAST[name] <= value <= MOST[name]:
            given = f"{value:g}" if isinstance(value, float) else value
            raise ATMGCNError(f"{name} must be from {LEAST[name]} to {MOST[name]:,}, not {given}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ATMGCNError(f"{out}: exists already; name another folder, or remove it")


def _write_clips(
    folder: Path,
    pictures: list,
    clips_per_subject: int,
    num_classes: int,
    size: int,
    seed: int,
    recording: Recording,
    progress: bool,
) -> tuple[list[Clip], dict[str, list[Bump]]]:
    """Write every clip's frames, one thread per clip, since drawing and encoding release Python's lock."""
    tasks = [(subject, clip) for subject in range(len(pictures)) for clip in range(clips_per_subject)]
    with ThreadPoolExecutor(min(8, available_cores())) as pool:
        neutral = list(pool.map(lambda s: _neutral(pictures[s], size, seed, s), range(len(pictures))))
        labels = [_labels(clips_per_subject, num_classes, seed, s) for s in range(len(pictures))]

        def write(task: tuple[int, int]) -> tuple[Clip, list[Bump]]:
            subject, clip = task
            label = labels[subject][clip]
            return _write_clip(folder, *neutral[subject], label, CLASSES[num_classes], recording, (seed, *task))

        written = list(track(pool.map(write, tasks), "clips drawn", total=len(tasks), visible=progress))
    return [clip for clip, _ in written], {clip.key: bumps for clip, bumps in written}


def _neutral(picture: Path | None, size: int, seed: int, subject: int) -> tuple[np.ndarray, Landmarks]:
    if picture is not None:
        return load_face(picture, size)
    who = sample_identity(seed, subject)
    return draw_portrait(who, size), who.landmarks


def _labels(clips: int, num_classes: int, seed: int, subject: int) -> list[str]:
    """One label per clip in random order; a remainder is distributed at random."""
    rng = np.random.default_rng([seed, subject, 3])
    names = list(CLASSES[num_classes])
    rounds = [rng.permutation(names) for _ in range(-(-clips // num_classes))]
    return rng.permutation(np.concatenate(rounds)[:clips]).tolist()


def _write_clip(
    folder: Path,
    neutral: np.ndarray,
    landmarks: Landmarks,
    label: str,
    emotions: dict,
    recording: Recording,
    key: tuple,
) -> tuple[Clip, list[Bump]]:
    _, subject, number = key
    emotion, others = emotions[label], [other for name, other in emotions.items() if name != label]
    scene = plan_scene(landmarks, emotion, others, recording, key)
    source = Path(f"s{subject + 1:02d}", f"c{number + 1:02d}")
    (folder / source).mkdir(parents=True)
    for frame, picture in enumerate(render_frames(neutral, landmarks, scene, recording, key), start=scene.first):
        options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if recording.image_format == "jpg" else []
        _, code = cv2.imencode(f".{recording.image_format}", picture[..., ::-1], options)
        (folder / source / f"{frame:04d}.{recording.image_format}").write_bytes(code.data)  # OpenCV misses a full disk
    clip = Clip(
        dataset=DATASET,
        subject=source.parts[0],
        name=source.parts[1],
        onset=scene.onset,
        apex=scene.apex,
        offset=scene.offset,
        fps=recording.fps,
        emotion=emotion,
        label=label,
        source=source.as_posix(),
        action_units="+".join(EMOTIONS[emotion]),
    )
    return clip, scene.truth
