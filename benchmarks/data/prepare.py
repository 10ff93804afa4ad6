"""How fast does ``atm-gcn prepare`` decode, does it use every core, and what does ``kill -9`` cost?

A tree of JPEG frames as large as the composite is drawn in a temporary folder and prepared in processes of their own.
Every store must hold the same bytes, whatever the number of jobs and however often it was interrupted; else the program
exits with 1. See prepare.md beside this file.
"""

import filecmp
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import cv2
import numpy as np

from atm_gcn.data import Clip, write_manifest
from atm_gcn.data.store.journal import FILE_NAME as JOURNAL
from benchmarks.common.limits import lines_of
from benchmarks.common.machine import describe
from benchmarks.common.results import LeftOut, ResultsFile, Strict, out_option

HEIGHT, WIDTH, DRAWN = 480, 640, 48  # frames are taken in turn from this many drawn ones
JOBS = (1, 2, 4)
BYTES_ON_DISK = 420_000  # per frame: a JPEG, and two stores
FILES = ("frames.npy", "manifest.csv", "meta.json")


class Run(Strict):
    """One preparation: elapsed seconds, and CPU seconds over all cores."""

    seconds: float
    cpu_seconds: float
    bar: str = ""  # in results of versions that printed a progress bar without a terminal


class Scale(Strict):
    """The smaller tree with a number of jobs: the median run, the fastest and the slowest."""

    jobs: int
    seconds: float
    fastest: float
    slowest: float
    cores_used: float
    frames_per_second: float


class Results(ResultsFile):
    """A results file."""

    program = "prepare"
    frames_per_clip: int
    bytes_per_frame: int
    scaling_clips: int
    scaling: list[Scale]
    clips: int
    whole: Run
    done_before_kill: int
    resumed: Run
    same_bytes: bool


def draw(folder: Path, clips: int, frames: int) -> int:
    """Write a tree of clips and its manifest; returns the mean size of a file."""
    rng = np.random.default_rng(0)
    face = cv2.GaussianBlur(rng.uniform(0, 255, (HEIGHT, WIDTH, 3)).astype(np.float32), (0, 0), 12) * 4 - 380
    noise = rng.normal(0, 2, (DRAWN, HEIGHT, WIDTH, 1))
    pictures = [np.clip(np.roll(face, 2 * k, axis=1) + noise[k], 0, 255).astype(np.uint8) for k in range(DRAWN)]
    files = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures]
    for clip in range(clips):
        (folder / f"c{clip}").mkdir(parents=True)
        for frame in range(frames):
            (folder / f"c{clip}" / f"img{frame}.jpg").write_bytes(files[(7 * clip + frame) % DRAWN])
    records = (
        Clip("drawn", f"s{clip % 68}", f"c{clip}", 0, None, frames - 1, 200.0, "", "ab"[clip % 2], f"c{clip}")
        for clip in range(clips)
    )
    write_manifest(records, folder / "manifest.csv")
    return sum(map(len, files)) // DRAWN


def start(tree: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "atm_gcn", "prepare", "manifest", str(tree), str(out), *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def prepare(tree: Path, out: Path, *options: str) -> Run:
    """Prepare from start to end; the time includes imports."""
    before, begin = os.times(), time.perf_counter()
    process = start(tree, out, *options)
    log = process.communicate()[1]
    seconds, after = time.perf_counter() - begin, os.times()
    if process.returncode:
        raise click.ClickException(log)
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds=seconds, cpu_seconds=spent)


def kill_half_way(tree: Path, out: Path, clips: int, attempts: int = 5) -> int:
    """End a preparation with one job by SIGKILL once half of its clips are done; returns how many were.

    One that ends before it is killed is started again.
    """
    process, journal = start(tree, out, "--jobs", "1"), out.with_name(f"{out.name}.partial") / JOURNAL
    while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > clips // 2):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode != -signal.SIGKILL or out.exists():
        if attempts > 1 and out.exists():
            shutil.rmtree(out)
            return kill_half_way(tree, out, clips, attempts - 1)
        raise click.ClickException("the preparation ended before it could be killed")
    return journal.read_bytes().count(b"\n") - 1


def same(one: Path, other: Path) -> bool:
    return all(filecmp.cmp(one / file, other / file, shallow=False) for file in FILES)


def scale(folder: Path, clips: int, frames: int, jobs: list[int], rounds: int) -> tuple[list[Scale], bool]:
    """Time numbers of jobs in turn; also returns whether all stores were the same."""
    runs: dict[int, list[Run]] = {number: [] for number in jobs}
    whole = True
    for turn in range(rounds):
        for number in jobs:
            out = folder / f"{number}-{turn}"
            runs[number].append(prepare(folder / "tree", out, "--jobs", str(number)))
            whole &= same(out, folder / f"{jobs[0]}-0")
            if out != folder / f"{jobs[0]}-0":
                shutil.rmtree(out)
    return [summary(number, some, clips * frames) for number, some in runs.items()], whole


def summary(jobs: int, runs: list[Run], frames: int) -> Scale:
    seconds = [run.seconds for run in runs]
    return Scale(
        jobs=jobs,
        seconds=statistics.median(seconds),
        fastest=min(seconds),
        slowest=max(seconds),
        cores_used=statistics.median(run.cpu_seconds / run.seconds for run in runs),
        frames_per_second=frames / statistics.median(seconds),
    )


def numbers_of_jobs(asked: str | None, cores: int) -> tuple[list[int], list[LeftOut]]:
    """The numbers of jobs to compare, and the default ones for which there are too few cores."""
    if asked:
        return [int(number) for number in asked.split(",")], []
    beyond = [LeftOut(what=f"{jobs} jobs", why=f"there are {cores} cores") for jobs in JOBS if jobs > cores]
    return [jobs for jobs in JOBS if jobs <= cores], beyond


def check_disk(folder: Path, frames: int) -> None:
    """Raise if the disk does not hold the trees and the stores of ``frames`` frames."""
    needs, free = BYTES_ON_DISK * frames, shutil.disk_usage(folder).free
    if needs > free:
        raise click.ClickException(
            f"{folder}: needs about {needs / 1e9:.1f} GB and has {free / 1e9:.1f} GB free; lower --clips or --frames"
        )


@click.command()
@click.option("--clips", default=442, show_default=True, help="Clips of the whole tree.")
@click.option("--frames", default=60, show_default=True, help="Frames of a clip.")
@click.option("--scaling-clips", default=60, show_default=True, help="Clips on which numbers of jobs are compared.")
@click.option("--jobs", help="Numbers of jobs to compare. [default: 1, 2 and 4, as far as there are cores]")
@click.option("--rounds", default=3, show_default=True, help="Runs with each number of jobs.")
@out_option
def main(clips: int, frames: int, scaling_clips: int, jobs: str | None, rounds: int, out: Path | None) -> None:
    """Time atm-gcn prepare, kill it half way, and resume it."""
    about = describe()
    numbers, left_out = numbers_of_jobs(jobs, about.cores)
    about.versions["opencv"] = cv2.__version__
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_disk(folder, (clips + scaling_clips) * frames)
        draw(folder / "few" / "tree", scaling_clips, frames)
        scaling, same_few = scale(folder / "few", scaling_clips, frames, numbers, rounds)
        size = draw(folder / "tree", clips, frames)
        whole = prepare(folder / "tree", folder / "whole")
        done = kill_half_way(folder / "tree", folder / "resumed", clips)
        resumed = prepare(folder / "tree", folder / "resumed")
        same_bytes = same_few and same(folder / "whole", folder / "resumed")
    results = Results(
        machine=about,
        frames_per_clip=frames,
        bytes_per_frame=size,
        scaling_clips=scaling_clips,
        scaling=scaling,
        clips=clips,
        whole=whole,
        done_before_kill=done,
        resumed=resumed,
        same_bytes=same_bytes,
        left_out=left_out,
    )
    path = results.write(out)
    click.echo(f"{path}\n{path.read_text(encoding='utf-8')}{lines_of(left_out)}")
    sys.exit(0 if same_bytes else 1)


if __name__ == "__main__":
    main()
