"""What do faces, registration and optical flow cost in ``prepare``, beside decoding alone?

Clips of drawn faces are written as JPEG frames of 640 x 480 pixels and prepared with different settings in turn. Every
round must give the same bytes; else the program exits with 1. See prepare.md beside this file.
"""

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click
import cv2
import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, load_manifest, prepare
from atm_gcn.media.sources import open_source
from atm_gcn.synth import synthesize
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict, out_option

HEIGHT, WIDTH = 480, 640
BACKDROP = 90  # grey level beside the drawn pictures
ALIGN = {"face": "align"}
REGISTER = ALIGN | {"register": "similarity"}
STAGES = {
    "decoding alone": {},
    "+ crop by haar": {"face": "crop", "face_detector": "haar"},
    "+ crop by mtcnn": {"face": "crop"},
    "+ alignment (mtcnn)": ALIGN,
    "+ alignment, registration": REGISTER,
    "+ alignment, DIS flow at 28": ALIGN | {"flow": "dis", "flow_size": 28},
    "+ alignment, registration, DIS flow at 28": REGISTER | {"flow": "dis", "flow_size": 28},
    "+ alignment, registration, DIS flow at 224": REGISTER | {"flow": "dis"},
}


class Stage(Strict):
    """Medians over rounds: elapsed and CPU seconds, clips per second of either, and CPU time over that of decoding."""

    name: str
    seconds: float
    fastest: float
    slowest: float
    cpu_seconds: float
    clips_per_second: float
    clips_per_cpu_second: float
    times_decoding: float


class Results(ResultsFile):
    """A results file."""

    program = "stages-of-prepare"
    clips: int
    frames: int
    jobs: int
    rounds: int
    registered: int
    stages: list[Stage]
    same_bytes: bool


def draw(folder: Path, subjects: int, clips: int) -> list[Clip]:
    """Drawn faces in the middle of larger JPEG frames."""
    synthesize(folder / "drawn", subjects=subjects, clips_per_subject=clips, size=HEIGHT, seed=5)
    drawn = []
    for clip in load_manifest(folder / "drawn"):
        source, out = open_source(clip.source), folder / "frames" / clip.subject / clip.name
        out.mkdir(parents=True)
        numbers = np.arange(clip.onset, clip.offset + 1)
        for number, face in zip(numbers, source.iterate(numbers), strict=True):
            frame = np.full((HEIGHT, WIDTH, 3), BACKDROP, np.uint8)
            frame[:, (WIDTH - HEIGHT) // 2 : (WIDTH + HEIGHT) // 2] = face
            (out / f"img{number}.jpg").write_bytes(cv2.imencode(".jpg", frame[..., ::-1])[1].tobytes())
        drawn.append(replace(clip, source=str(out)))
    return drawn


def digest_of(store: FrameStore) -> list[str]:
    return [stored.sha256 + stored.flow_sha256 for stored in store.clips]


class Run(NamedTuple):
    """Elapsed and CPU seconds."""

    seconds: float
    cpu_seconds: float


def summary(name: str, runs: list[Run], decoding: list[Run], clips: int) -> Stage:
    seconds, cpu = (statistics.median(values) for values in zip(*runs, strict=True))
    return Stage(
        name=name,
        seconds=seconds,
        fastest=min(runs).seconds,
        slowest=max(runs).seconds,
        cpu_seconds=cpu,
        clips_per_second=clips / seconds,
        clips_per_cpu_second=clips / cpu,
        times_decoding=statistics.median(
            run.cpu_seconds / base.cpu_seconds for run, base in zip(runs, decoding, strict=True)
        ),
    )


def table(results: Results) -> str:
    lines = [
        "| prepare | clips/s | clips per second of CPU time | CPU time, decoding alone = 1 |",
        "| :-- | --: | --: | --: |",
    ]
    for stage in results.stages:
        rates = f"{stage.clips_per_second:.2f} | {stage.clips_per_cpu_second:.2f}"
        lines.append(f"| {stage.name} | {rates} | {stage.times_decoding:.1f} |")
    return "\n".join(lines)


@click.command()
@click.option("--subjects", default=4, show_default=True, help="Number of drawn people.")
@click.option("--clips", default=4, show_default=True, help="Clips per person.")
@click.option("--jobs", default=2, show_default=True, help="Clips decoded at a time.")
@click.option("--rounds", default=5, show_default=True, help="Runs with each of the settings, in turn.")
@out_option
def main(subjects: int, clips: int, jobs: int, rounds: int, out: Path | None) -> None:
    """Time atm-gcn prepare with faces, registration and optical flow."""
    about = describe()
    about.versions["opencv"] = cv2.__version__
    runs: dict[str, list[Run]] = {name: [] for name in STAGES}
    digests: dict[str, list[list[str]]] = {name: [] for name in STAGES}
    registered = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn = draw(folder, subjects, clips)
        for turn in range(rounds + 1):
            for stage, settings in STAGES.items():
                started, cpu = time.perf_counter(), time.process_time()
                store = prepare(drawn, folder / f"{turn}-{stage}", DataConfig(**settings), jobs=jobs)
                if turn:  # the first round loads detectors and fills caches
                    runs[stage].append(Run(time.perf_counter() - started, time.process_time() - cpu))
                digests[stage].append(digest_of(store))
                registered = len(store) - len(store.meta.get("unregistered", {}))
        frames = len(store.frames)
    results = Results(
        machine=about,
        clips=len(drawn),
        frames=frames,
        jobs=jobs,
        rounds=rounds,
        registered=registered,
        stages=[summary(stage, some, runs["decoding alone"], len(drawn)) for stage, some in runs.items()],
        same_bytes=all(some == own[0] for own in digests.values() for some in own),
    )
    path = results.write(out)
    click.echo(f"{path}\n{table(results)}")
    sys.exit(0 if results.same_bytes else 1)


if __name__ == "__main__":
    main()
