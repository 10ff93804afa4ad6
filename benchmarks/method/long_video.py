"""Does the memory of an inference grow with the length of the video?

JPEG frames are decoded one after another, encoded in chunks, and classified as one clip. Every length runs in its own
process, whose peak resident memory is reported. See training_step/README.md.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import cv2
import numpy as np
import torch
from torch_geometric.data import Data

from atm_gcn.encoders import encode_stream
from atm_gcn.model import ATMGCN
from atm_gcn.training.devices.acceleration import accelerate
from benchmarks.common.limits import lines_of, too_long
from benchmarks.common.machine import describe
from benchmarks.common.memory import resident_peak
from benchmarks.common.results import LeftOut, ResultsFile, Strict, out_option


class Point(Strict):
    """A video of ``frames`` frames; peak resident bytes of the process before and after it was classified."""

    frames: int
    seconds: float
    peak_before: int
    peak: int


class Results(ResultsFile):
    program = "long-video"
    preset: str
    size: int
    points: list[Point]


def decoded(frames: int, size: int) -> Iterator[np.ndarray]:
    """Decode ``frames`` JPEG frames."""
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.uniform(0, 255, (480, 640, 3)).astype(np.uint8), (0, 0), 8)
    files = [cv2.imencode(".jpg", np.roll(picture, shift, axis=1))[1] for shift in range(24)]
    for number in range(frames):
        frame = cv2.resize(cv2.imdecode(files[number % 24], cv2.IMREAD_COLOR), (size, size))
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def classify(frames: int, preset: str, size: int) -> Point:
    """Encode and classify; runs in its own process."""
    model = accelerate(ATMGCN.from_preset(preset, num_classes=3)).eval()
    pictures = decoded(frames, size)
    onset = next(pictures)
    warm = torch.cat(list(encode_stream(model.encoder, decoded(64, size), onset)))
    before, begin = resident_peak() or 0, time.perf_counter()
    x = torch.cat([warm[:0], *encode_stream(model.encoder, pictures, onset)])
    with torch.no_grad():
        clip = Data(x=x, pos=torch.arange(2, len(x) + 2), global_index=torch.tensor([len(x) // 2]), num_nodes=len(x))
        assert model(clip).isfinite().all()
    seconds = time.perf_counter() - begin
    return Point(frames=frames, seconds=seconds, peak_before=before, peak=resident_peak() or 0)


@click.command(help=__doc__)
@click.option("--lengths", default="100,1000,10000", show_default=True, help="Frames of the videos.")
@click.option("--preset", default="small", show_default=True)
@click.option("--size", default=224, show_default=True)
@click.option("--longest", default=600.0, show_default=True, help="Seconds that a video may take.")
@out_option
def main(lengths: str, preset: str, size: int, longest: float, out: Path | None) -> None:
    """Measure every length, shortest first, and write the results file."""
    points: list[Point] = []
    left_out = []
    for length in sorted(map(int, lengths.split(","))):
        if why := too_long(max((p.seconds / p.frames for p in points[-1:]), default=0) * length, longest):
            left_out.append(LeftOut(what=f"{length} frames", why=why))
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            points.append(pool.submit(classify, length, preset, size).result())
            click.echo(points[-1])
    click.echo(lines_of(left_out).strip())
    results = Results(machine=describe(), preset=preset, size=size, points=points, left_out=left_out)
    click.echo(results.write(out))


if __name__ == "__main__":
    main()
