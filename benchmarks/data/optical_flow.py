"""How exact is the optical flow of drawn faces, whose movement is known?

A neutral face is drawn, its muscles move the skin by a known field, and both pictures get the noise of a sensor.
The head does not move. Each algorithm sees the two pictures, as ``prepare`` gives them to it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import cv2
import numpy as np

from atm_gcn.media.optical_flow import METHODS, flow_view, optical_flow, strain
from atm_gcn.media.optical_flow.view import FLOW_SCALE, STRAIN_SCALE, scaled_view
from atm_gcn.media.resizing import resize_square
from atm_gcn.synth.action_units import EMOTIONS
from atm_gcn.synth.camera import Recording, expose
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.face.landmarks import Landmarks
from atm_gcn.synth.face.portrait import draw_portrait
from atm_gcn.synth.movement import expression, movement_field
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Spread, Strict, out_option
from benchmarks.common.timing import interleave

MOVED = 0.3  # of the largest displacement, from which a pixel counts as moved
CELLS = 28  # per side of the small view
NONE = "no movement"
"""What an algorithm is worth that always answers zero."""


class Pair(NamedTuple):
    """Two pictures of a drawn face, uint8 RGB ``[S, S, 3]``, and how the skin moved between them."""

    onset: np.ndarray
    frame: np.ndarray
    truth: np.ndarray  # pixels to the right and down, [S, S, 2]
    face: np.ndarray  # bool [S, S]

    @property
    def moved(self) -> np.ndarray:
        """Where the skin moves, bool ``[S, S]``."""
        distance = np.linalg.norm(self.truth, axis=-1)
        return distance > MOVED * distance.max()


class Errors(Strict):
    """Means over pairs, in pixels of the picture.

    ``moved`` and ``face`` are mean endpoint errors where the skin moves and over the face; ``recovered`` is the part of
    the movement that is found, by regression on the truth where the skin moves; the strain is compared over the face.
    """

    moved: float
    face: float
    recovered: float
    strain_error: float
    strain_correlation: float


class Case(Strict):
    """One algorithm at one size of movement: at the pictures' size, and averaged to a small view."""

    method: str
    peak: float
    full: Errors
    small: Errors


class Results(ResultsFile):
    """A results file."""

    program = "optical-flow"
    size: int
    noise: float
    pairs: int
    cases: list[Case]
    seconds: dict[str, Spread]


def drawn_pair(subject: int, emotion: str, peak: float, size: int, noise: float) -> Pair:
    """A drawn face before and after a movement whose largest displacement is ``peak`` pixels."""
    who, rng = sample_identity(0, subject), np.random.default_rng([subject, list(EMOTIONS).index(emotion)])
    neutral = draw_portrait(who, size)
    muscles = expression(who.landmarks, emotion, EMOTIONS[emotion], peak / size, rng)
    field = movement_field((bump for bumps in muscles for bump in bumps), size)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    moved = cv2.remap(neutral, x - field[..., 0], y - field[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    onset, frame = (expose(picture, 1.0, noise, rng) for picture in (neutral, moved))
    return Pair(onset, frame, forward(field), face_of(who.landmarks, size))


def forward(field: np.ndarray) -> np.ndarray:
    """Where a pixel of the neutral face goes, if each pixel shows the place from which ``field`` brought it."""
    y, x = np.mgrid[: field.shape[0], : field.shape[1]].astype(np.float32)
    found = field
    for _ in range(20):
        found = cv2.remap(
            field, x + found[..., 0], y + found[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    return found


def face_of(landmarks: Landmarks, size: int) -> np.ndarray:
    """An oval from the forehead to the chin, bool ``[size, size]``."""
    steps = (np.arange(size) + 0.5) / size
    across, down = landmarks.local(*np.meshgrid(steps, steps))
    return (across / 1.05) ** 2 + ((down - 0.55) / 1.4) ** 2 < 1


def errors(found: np.ndarray, its_strain: np.ndarray, pair: Pair) -> Errors:
    """Of flow ``[h, w, 2]`` in pixels of the pair's size and strain ``[h, w]``, at any size."""
    side = len(found)
    truth = resize_square(np.dstack([pair.truth, strain(pair.truth)]).astype(np.float32), side)
    moved, face = (resize_square(mask.astype(np.float32)[..., None], side) >= 0.5 for mask in (pair.moved, pair.face))
    moved, face = moved.reshape(side, side), face.reshape(side, side)
    distance = np.linalg.norm(found - truth[..., :2], axis=-1)
    there = truth[..., :2][moved]
    correlation = np.corrcoef(its_strain[face], truth[..., 2][face])[0, 1] if its_strain.any() else 0.0
    return Errors(
        moved=float(distance[moved].mean()),
        face=float(distance[face].mean()),
        recovered=float((found[moved] * there).sum() / (there**2).sum()),
        strain_error=float(np.abs(its_strain - truth[..., 2])[face].mean()),
        strain_correlation=float(correlation),
    )


def mean(found: list[Errors]) -> Errors:
    """Over pairs."""
    return Errors(**{name: float(np.mean([getattr(one, name) for one in found])) for name in Errors.model_fields})


def measure(method: str, pairs: list[Pair], peak: float) -> Case:
    """The errors of one algorithm."""
    full, small = [], []
    for pair in pairs:
        size = len(pair.onset)
        if method == NONE:
            flow, view = np.zeros_like(pair.truth), np.zeros((CELLS, CELLS, 3), np.float32)
        else:
            flow = optical_flow(pair.onset, pair.frame, method)  # type: ignore[arg-type]
            view = scaled_view(flow, CELLS).astype(np.float32)
        full.append(errors(flow, strain(flow), pair))
        small.append(errors(view[..., :2] * (size / FLOW_SCALE), view[..., 2] / STRAIN_SCALE, pair))
    return Case(method=method, peak=peak, full=mean(full), small=mean(small))


@click.command(help=__doc__)
@click.option("--size", default=224, show_default=True, help="Sides of the pictures in pixels.")
@click.option("--peak", "peaks", multiple=True, type=float, default=(1.0, 2.0, 3.0), show_default=True)
@click.option("--people", default=4, show_default=True, help="Drawn people; each shows every emotion.")
@click.option("--noise", default=Recording().noise, show_default=True, help="Of the sensor, in grey levels.")
@click.option("--rounds", default=7, show_default=True, help="Readings of the time of each algorithm.")
@out_option
def main(size: int, peaks: tuple[float, ...], people: int, noise: float, rounds: int, out: Path | None) -> None:
    """Compare the algorithms with the truth, then time them on one pair."""
    cases = []
    for peak in peaks:
        pairs = [drawn_pair(who, emotion, peak, size, noise) for who in range(people) for emotion in EMOTIONS]
        cases += [measure(method, pairs, peak) for method in (NONE, *METHODS)]
    last = pairs[-1]
    calls: dict[str, Callable[[], object]] = {
        method: partial(flow_view, last.onset, last.frame, method, size) for method in METHODS
    }
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    seconds = interleave(calls, "cpu", rounds, budget=60.0, seed=0)
    cv2.setNumThreads(before)
    results = Results(
        machine=describe(), size=size, noise=noise, pairs=people * len(EMOTIONS), cases=cases, seconds=seconds
    )
    click.echo(f"{results.write(out)}\n{table(results)}")


def table(results: Results) -> str:
    """The results as a table of Markdown; errors in pixels of the pictures."""
    lines = [
        "| peak | algorithm | ms per pair | error where it moves | error over the face | found | strain: error "
        f"| correlation | at {CELLS} px: error where it moves | strain: correlation |",
        "| --: | :-- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for case in results.cases:
        time, full, small = results.seconds.get(case.method), case.full, case.small
        cells = [f"{case.peak:g}", case.method, "" if time is None else f"{1000 * time.median:.0f}"]
        cells += [f"{full.moved:.2f}", f"{full.face:.2f}", f"{full.recovered:.0%}", f"{full.strain_error:.4f}"]
        cells += [f"{full.strain_correlation:.2f}", f"{small.moved:.2f}", f"{small.strain_correlation:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
