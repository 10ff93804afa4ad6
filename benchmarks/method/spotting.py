"""How many planted movements does spotting find in long videos, and how many false alarms does it raise?

    python -m benchmarks.method.spotting --people 4 --minutes 5                # spotting alone
    python -m benchmarks.method.spotting --people 4 --minutes 5 --model RUN    # with the models and their labels
    python -m benchmarks.method.spotting --people 4 --minutes 5 --lively       # people who talk, laugh and turn
    python -m benchmarks.method.spotting --memory --model RUN                  # peak memory against length

A found interval is a hit if it overlaps a planted one with IoU >= 0.5, as in the spotting challenges of MEGC; every
planted one counts once. The videos are drawn faces that wander, blink 15 times a minute and
fidget. The settings of spotting were chosen on seeds 0 and 1; the default here is 100.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import click
import torch

from atm_gcn.config import DataConfig
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.spotting.motion_track import MotionTrack, RecordingReader
from atm_gcn.inference.spotting.spotter import Window
from atm_gcn.inference.spotting.spotting import spot
from atm_gcn.metrics.spotting import Interval, match_intervals
from atm_gcn.synth.lively import Liveliness
from atm_gcn.synth.long_video import LONG_RECORDING, Planted, load_planted, synthesize_long

STRENGTHS = {"1.5 to 3 px": (1.5, 3.0), "0.75 to 1.5 px": (0.75, 1.5)}
FORMATS = {".mp4": "H.264", ".avi": "Motion JPEG"}


@dataclass
class Count:
    """Counts over videos; ``right`` of the hits have the right label."""

    planted: int = 0
    found: int = 0
    hits: int = 0
    right: int = 0
    minutes: float = 0.0
    seconds: float = 0.0

    def row(self) -> dict[str, float]:
        """The figures that are reported."""
        return {
            "planted": self.planted,
            "found": self.found,
            "recall": self.hits / self.planted,
            "false_alarms_per_minute": (self.found - self.hits) / self.minutes,
            "f1": 2 * self.hits / (self.planted + self.found),
            "right_labels": self.right / max(self.hits, 1),
            "seconds_a_minute": self.seconds / self.minutes,
        }


def add_counts(count: Count, found: list[tuple[int, int, str]], planted: list[Planted]) -> None:
    """Match found intervals to planted ones and add to the counts."""
    truth = [Interval("", one.onset, one.offset, one.label) for one in planted]
    matches = match_intervals(truth, [Interval("", *one) for one in found]).matches
    count.hits += len(matches)
    count.right += sum(one.truth.emotion == one.predicted.emotion for one in matches)
    count.planted += len(planted)
    count.found += len(found)


def find_intervals(video: Path, ensemble: Ensemble | None) -> list[tuple[int, int, str]]:
    """Onset, offset and label of every movement found."""
    if ensemble is not None:
        found = spot(ensemble, video, torch.device("cpu"), stride=0)
        movements = found.to_prediction().movements
        return [(one.onset.frame or 0, one.offset.frame or 0, one.predicted) for one in movements]
    windows: list[Window] = []
    reader = RecordingReader(video, DataConfig(size=32))
    reader.read(MotionTrack, lambda _, window: windows.append(window))
    return [(window.numbers[0], window.numbers[-1], "") for window in windows]


def measure(
    people: int,
    minutes: float,
    seed: int,
    ending: str,
    strength: str,
    ensemble: Ensemble | None,
    lively: Liveliness | None = None,
) -> Count:
    """Draw the videos of one kind, and count micro-expressions."""
    count, recording = Count(), replace(LONG_RECORDING, amplitude=STRENGTHS[strength])
    with tempfile.TemporaryDirectory() as folder:
        for person in range(people):
            video = Path(folder) / f"{person}{ending}"
            synthesize_long(
                video, 60 * minutes, seed=seed + person, subject=seed + person, recording=recording, lively=lively
            )
            start = time.perf_counter()
            found = find_intervals(video, ensemble)
            count.seconds += time.perf_counter() - start
            count.minutes += minutes
            add_counts(count, found, [one for one in load_planted(video) if one.kind == "micro"])
            video.unlink()
    return count


def peak_memory(run: Path, minutes: tuple[float, ...], seed: int) -> list[dict[str, float]]:
    """Peak resident memory of ``atm-gcn predict`` on videos of several lengths, each in its own process."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for length in minutes:
            video = Path(folder) / f"{length:g}.mp4"
            synthesize_long(video, 60 * length, seed=seed)
            command = [sys.executable, "-m", "benchmarks.method.spotting", "--child", str(video), "--model", str(run)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows.append({"minutes": length, **json.loads(done.stdout.splitlines()[-1])})
    return rows


@click.command()
@click.option("--people", default=4, show_default=True, help="Drawn people, one video each.")
@click.option("--minutes", default=5.0, show_default=True, help="Length of a video.")
@click.option("--seed", default=100, show_default=True, help="Seed of the first video.")
@click.option(
    "--strength", "strengths", multiple=True, type=click.Choice(list(STRENGTHS)), help="Only these movements."
)
@click.option("--format", "endings", multiple=True, type=click.Choice(list(FORMATS)), help="Only these videos.")
@click.option("--model", "run", type=click.Path(path_type=Path, exists=True), help="Run whose labels are counted too.")
@click.option("--lively", is_flag=True, help="The people also talk, show macro-expressions and move their head.")
@click.option("--memory", is_flag=True, help="Measure peak memory for 1 and 5 minutes instead; needs --model.")
@click.option("--child", type=click.Path(path_type=Path), hidden=True)
@click.option("--out", type=click.Path(path_type=Path), help="Results file. [default: none is written]")
def main(
    people: int,
    minutes: float,
    seed: int,
    strengths: tuple[str, ...],
    endings: tuple[str, ...],
    run: Path | None,
    lively: bool,
    memory: bool,
    child: Path | None,
    out: Path | None,
) -> None:
    """Measure spotting on drawn faces with planted micro-expressions."""
    if child:
        spot(Ensemble.open(run), child, torch.device("cpu"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        click.echo(json.dumps({"peak_mib": round(peak, 1)}))
        return
    if memory:
        rows = peak_memory(run, (1.0, 5.0), seed)
    else:
        ensemble, rows = Ensemble.open(run) if run else None, []
        for strength, ending in product(strengths or STRENGTHS, endings or FORMATS):
            count = measure(people, minutes, seed, ending, strength, ensemble, Liveliness() if lively else None)
            rows.append({"movement": strength, "video": FORMATS[ending], **count.row()})
            click.echo(" ".join(f"{key}={_short(value)}" for key, value in rows[-1].items()))
    if memory:
        click.echo("\n".join(f"{row['minutes']:g} min: {row['peak_mib']:.0f} MiB" for row in rows))
    if out:
        about = {"people": people, "minutes": minutes, "seed": seed, "lively": lively}
        about |= {"model": str(run.name) if run else None}
        out.write_text(json.dumps({**about, "rows": rows}, indent=2) + "\n", encoding="utf-8")


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
