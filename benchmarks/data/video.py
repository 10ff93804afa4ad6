"""How fast are frames read from H.264 videos? atm_gcn's reader against OpenCV's.

OpenCV reads from the start of a file to the last frame needed, with one thread and with its default number of
threads. Both sides must show the same frames, or the program exits with 1.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import cv2
import numpy as np

from atm_gcn.media.video import index as video_index
from atm_gcn.media.video.reader import read_video
from atm_gcn.media.video.writer import VideoWriter
from atm_gcn.synth.long_video import synthesize_long
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Spread, Strict, out_option
from benchmarks.common.timing import interleave

SAME = 2.0  # grey levels by which frames may differ on average
OPENCV, OPENCV_THREADS, OURS = "OpenCV, 1 thread", "OpenCV", "atm-gcn"


class Case(Strict):
    """Frames ``first`` to ``last`` of a video of ``frames``, read by each side; seconds."""

    case: str
    frames: int
    first: int
    last: int
    difference: float
    seconds: dict[str, Spread]


class Results(ResultsFile):
    """A results file."""

    program = "video"
    side_of_frame: int
    cases: list[Case]


def with_opencv(path: Path, first: int, last: int, threads: int | None) -> list[np.ndarray]:
    """RGB frames, decoded from the start of the file."""
    parameters = [] if threads is None else [cv2.CAP_PROP_N_THREADS, threads]
    capture, frames = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, parameters), []
    for number in range(last + 1):
        capture.grab()
        if number >= first:
            frames.append(cv2.cvtColor(capture.retrieve()[1], cv2.COLOR_BGR2RGB))
    return frames


def with_atm_gcn(path: Path, first: int, last: int) -> list[np.ndarray]:
    """RGB frames; the time includes indexing the file."""
    video_index._index.cache_clear()
    return list(read_video(path, video_index.index_video(path), range(first, last + 1)))


def measure(name: str, path: Path, first: int, last: int, rounds: int) -> Case:
    """Compare the frames, then time all sides in turn."""
    sides: dict[str, Callable[[], list[np.ndarray]]] = {
        OPENCV: partial(with_opencv, path, first, last, 1),
        OPENCV_THREADS: partial(with_opencv, path, first, last, None),
        OURS: partial(with_atm_gcn, path, first, last),
    }
    one, other = (np.stack(sides[side]()).astype(np.float32) for side in (OPENCV, OURS))
    seconds = interleave(sides, "cpu", rounds, budget=1e9, seed=0)
    return Case(
        case=name,
        frames=len(video_index.index_video(path)),
        first=first,
        last=last,
        difference=float(np.abs(one - other).mean()),
        seconds=seconds,
    )


@click.command(help=__doc__)
@click.option("--seconds", default=60, show_default=True, help="Length of the long video.")
@click.option("--side", default=480, show_default=True, help="Sides of a frame in pixels.")
@click.option("--rounds", default=7, show_default=True, help="Readings of each side.")
@out_option
def main(seconds: int, side: int, rounds: int, out: Path | None) -> None:
    """Read a short video whole, a long one whole, and one second from the end of the long one."""
    with tempfile.TemporaryDirectory() as name:
        short, long = Path(name) / "short.mp4", Path(name) / "long.mp4"
        synthesize_long(long, seconds, per_minute=10, size=side, seed=0)
        with VideoWriter(short, 30) as video:
            for frame in with_atm_gcn(long, 0, 59):
                video.write(frame)
        last = 30 * seconds - 1
        cases = [
            measure("short, whole", short, 0, 59, rounds),
            measure("long, whole", long, 0, last, rounds),
            measure("long, its last second", long, last - 29, last, rounds),
        ]
    results = Results(machine=describe(), side_of_frame=side, cases=cases)
    click.echo(f"{results.write(out)}\n{table(results)}")
    sys.exit(0 if all(case.difference < SAME for case in cases) else 1)


def table(results: Results) -> str:
    """The results as a table of Markdown; ratios of medians to OpenCV with one thread."""
    lines = [
        f"| frames | {OPENCV}, seconds | {OPENCV_THREADS}, ratio | {OURS}, ratio |",
        "| :-- | --: | --: | --: |",
    ]
    for case in results.cases:
        base = case.seconds[OPENCV]
        ratios = [f"{case.seconds[side].median / base.median:.2f}" for side in (OPENCV_THREADS, OURS)]
        lines.append(
            f"| {case.case}: {case.last - case.first + 1} of {case.frames} "
            f"| {base.median:.3f} ({base.low:.3f} to {base.high:.3f}) | {ratios[0]} | {ratios[1]} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
