"""How many faces does each detector find, where there are none, and how exact are their landmarks?

Drawn faces, whose eyes' places are known: large, turned in the picture, and small; pictures without faces; and files
that are given. Heads that are turned to the side cannot be drawn.
"""

import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces import Face, find_faces
from atm_gcn.media.sources import open_source
from atm_gcn.synth.face import draw_portrait, sample_identity
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Spread, Strict, out_option

HEAD = 0.77  # height of a drawn head from crown to chin, as a share of its picture's side
ANGLES, SMALL = (15, 30, 45), (24, 32, 48, 64, 96)
SEED = 5

Picture = tuple[np.ndarray, np.ndarray | None]  # RGB, and the two eyes of its face if it has one, [2, 2]


class Outcome(Strict):
    """What a detector found in the pictures of a case.

    ``found``: pictures whose face was found; None for files that nobody annotated. ``others``: detections elsewhere.
    ``shown``: pictures with any detection. ``eye_error``: mean distance of the eyes from their places as a share of
    the distance between them. ``cpu_seconds``: per
    picture, of all threads together.
    """

    found: int | None
    others: int
    shown: int
    eye_error: float | None
    cpu_seconds: Spread


class Case(Strict):
    """The pictures of one kind, searched by every detector."""

    case: str
    pictures: int
    with_face: int | None
    outcomes: dict[str, Outcome]


class Results(ResultsFile):
    """A results file."""

    program = "faces"
    people: int
    cases: list[Case]


def portraits(people: int, size: int, degrees: float = 0) -> Iterator[Picture]:
    """Drawn faces that fill the picture, turned about the middle between the eyes."""
    for person in range(people):
        who = sample_identity(SEED, person)
        eyes = size * np.array([who.landmarks.at("eye", side) for side in ("left", "right")])
        picture = _drawn(person, size)
        if degrees:
            turn = cv2.getRotationMatrix2D((size / 2, size / 2), degrees, 1)
            picture = cv2.warpAffine(picture, turn, (size, size), borderMode=cv2.BORDER_REPLICATE)
            eyes = (eyes - 0.5) @ turn[:, :2].T + turn[:, 2] + 0.5
        yield picture, eyes


@cache
def _drawn(person: int, size: int) -> np.ndarray:
    return draw_portrait(sample_identity(SEED, person), size)


def small_faces(people: int, head: int) -> Iterator[Picture]:
    """Drawn faces of a height in pixels, somewhere in pictures of 640x480."""
    rng, side = np.random.default_rng(SEED), round(head / HEAD)
    for person, (portrait, eyes) in enumerate(portraits(people, 224)):
        picture = background(person)
        x, y = rng.integers(0, 640 - side), rng.integers(0, 480 - side)
        picture[y : y + side, x : x + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
        yield picture, eyes * side / 224 + (x, y)


def background(number: int) -> np.ndarray:
    """A picture of 640x480 without a face: gradients, noise of several grain sizes, stripes, in turn."""
    rng = np.random.default_rng([SEED, number])
    y, x = np.mgrid[0:480, 0:640]
    kind, grain = number % 3, 2.0 ** (1 + number // 3 % 5)
    if kind == 0:
        grey = 90 + 80 * np.sin(x / 300 + rng.uniform(0, 6)) * np.cos(y / 200 + rng.uniform(0, 6))
    elif kind == 1:
        noise = cv2.GaussianBlur(rng.standard_normal((480, 640)), (0, 0), grain)
        grey = 120 + 50 * noise / noise.std()
    else:
        grey = 120 + 70 * np.sign(np.sin((x * rng.uniform(0.3, 1) + y * rng.uniform(0.3, 1)) / grain / 2))
    return np.clip(grey[..., None] * rng.uniform(0.8, 1.1, 3), 0, 255).astype(np.uint8)


def files(folder: Path, every: int) -> Iterator[Picture]:
    """Every so many frames of the pictures and videos of a folder; others are passed over."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            yield cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), None
            continue
        try:
            source = open_source(path)
            numbers = source.numbers[::every]
        except ATMGCNError:
            continue
        for frame in source.iterate(numbers):
            yield frame, None


def measure(name: str, pictures: list[Picture], detectors: list[str]) -> Case:
    """Search the pictures with all detectors, which take turns."""
    truths = [eyes for _, eyes in pictures]
    faces: dict[str, list[list[Face]]] = {detector: [] for detector in detectors}
    seconds: dict[str, list[float]] = {detector: [] for detector in detectors}
    for picture, _ in pictures:
        for detector in detectors:
            start = time.process_time()
            faces[detector].append(find_faces(picture, detector))
            seconds[detector].append(time.process_time() - start)
    outcomes = {one: outcome(faces[one], truths, seconds[one]) for one in detectors}
    known = all(eyes is not None for eyes in truths)
    return Case(case=name, pictures=len(pictures), with_face=len(truths) if known else None, outcomes=outcomes)


def outcome(faces: list[list[Face]], truths: list[np.ndarray | None], seconds: list[float]) -> Outcome:
    """Compare what was found with what is there."""
    found, others, errors = 0, 0, []
    for here, eyes in zip(faces, truths, strict=True):
        right = [face for face in here if eyes is not None and _is_at(face, eyes)]
        found += bool(right)
        others += len(here) - bool(right)
        if right and right[0].points is not None and eyes is not None:
            distance = np.hypot(*(eyes[1] - eyes[0]))
            errors.append(float(np.hypot(*(right[0].points[:2] - eyes).T).mean() / distance))
    low, median, high = np.quantile(seconds, (0.25, 0.5, 0.75)).tolist()
    return Outcome(
        found=found if all(eyes is not None for eyes in truths) else None,
        others=others,
        shown=sum(bool(here) for here in faces),
        eye_error=float(np.mean(errors)) if errors else None,
        cpu_seconds=Spread(median=median, low=low, high=high, rounds=len(seconds)),
    )


def _is_at(face: Face, eyes: np.ndarray) -> bool:
    """Whether a detection is the face with these eyes: about its middle, and of its size within a factor of 1.7."""
    distance = np.hypot(*(eyes[1] - eyes[0]))
    right, down = eyes[1] - eyes[0], np.array([-1, 1]) * (eyes[1] - eyes[0])[::-1]
    middle = eyes.mean(axis=0) + 0.5 * down
    near = np.hypot(*(np.array(face.centre) - middle)) < 0.8 * np.hypot(*right)
    return bool(near and 1 / 1.7 < face.side / (2.4 * distance) < 1.7)


@click.command(help=__doc__)
@click.option("--people", default=24, show_default=True, help="Drawn people.")
@click.option("--yunet", type=click.Path(exists=True, dir_okay=False), help="ONNX file of a YuNet, to be measured too.")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Pictures and videos.")
@click.option("--every", default=24, show_default=True, help="Of the frames of videos, one out of so many.")
@out_option
def main(people: int, yunet: str | None, folder: Path | None, every: int, out: Path | None) -> None:
    """Search all pictures with all detectors."""
    detectors = ["mtcnn", "haar", *([yunet] if yunet else [])]
    cases = [
        *((f"{size} x {size}", list(portraits(people, size))) for size in (96, 224)),
        *((f"224 x 224, turned by {angle} degrees", list(portraits(people, 224, angle))) for angle in ANGLES),
        *((f"{head} pixels high in 640 x 480", list(small_faces(people, head))) for head in SMALL),
        ("no face: noise, stripes, gradients", [(background(number), None) for number in range(2 * people)]),
        *([("files", list(files(folder, every)))] if folder else []),
    ]
    measured = [measure(name, pictures, detectors) for name, pictures in cases]
    results = Results(machine=describe(), people=people, cases=measured)
    click.echo(f"{results.write(out)}\n{table(results)}")


def table(results: Results) -> str:
    """The results as a table of Markdown."""
    detectors = list(results.cases[0].outcomes)
    heads = [f"{name} | {name}, elsewhere | {name}, eyes off by | {name}, CPU ms" for name in map(_short, detectors)]
    lines = [f"| pictures | {' | '.join(heads)} |", f"| :-- |{' --: |' * 4 * len(detectors)}"]
    for case in results.cases:
        cells = []
        for one in (case.outcomes[name] for name in detectors):
            found = "" if one.found is None else f"{one.found} of {case.pictures}"
            error = "" if one.eye_error is None else f"{one.eye_error:.1%}"
            cells += [found, f"{one.others} in {one.shown}" if one.found is None else str(one.others), error]
            cells.append(f"{1000 * one.cpu_seconds.median:.0f}")
        lines.append(f"| {case.case} ({case.pictures}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _short(detector: str) -> str:
    return "yunet" if detector.endswith(".onnx") else detector


if __name__ == "__main__":
    main()
