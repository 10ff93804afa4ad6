"""Folds trained in other places and through interruptions: equal to the byte, and how fast.

    python benchmarks/folds.py speed STORE       serial against --jobs and Ray, and Ray with a worker killed
    python benchmarks/folds.py kill STORE        one run killed with -9 at ten random moments

Every way must leave the same files as the serial run; otherwise the program says which file differs and exits with 1.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import click
import psutil

from atm_gcn.machine import available_cores

COMPARED = ("metrics.json", "predictions.csv", "folds/*/model.safetensors", "folds/*/predictions.csv")
QUICK = ("--preset", "demo", "--device", "cpu", "--set", "train.epochs=2", "--set", "train.save_every=1")


def command(store: str | Path, out: Path, *options: str) -> list[str]:
    """The command line of one run."""
    return [sys.executable, "-m", "atm_gcn", "train", str(store), str(out), *options]


def different(one: Path, other: Path) -> list[str]:
    """Files of a finished run that another one lacks or has with other bytes; the log tells times and is left out."""
    files = sorted(str(file.relative_to(one)) for pattern in COMPARED for file in one.glob(pattern))
    return [
        file
        for file in files
        if not (other / file).is_file() or (one / file).read_bytes() != (other / file).read_bytes()
    ]


def check(one: Path, other: Path) -> None:
    """Exit if two runs differ."""
    files = different(one, other)
    if files or not list(one.glob(COMPARED[0])):
        sys.exit(f"{other.name} is not what {one.name} is: {', '.join(files) or 'no run there'}")


def timed(arguments: list[str]) -> float:
    """Seconds that a command takes, from its start to its end."""
    start = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def kill_a_worker(process: subprocess.Popen, out: Path) -> None:
    """Kill one process that trains for a run, once some fold has written a state."""
    while not list(out.glob("folds/*/state.safetensors")):
        time.sleep(0.05)
    trains = [
        p for p in psutil.Process(process.pid).children(recursive=True) if "train_remotely" in " ".join(p.cmdline())
    ]
    trains[0].kill()


def kill_and_go_on(arguments: list[str], out: Path, times: int, longest: float, seed: int = 0) -> list[float]:
    """Start a run, kill it with all its processes after a random time, go on with it, and so on; then let it end.

    One that ends before it was killed once is begun again, with half of ``longest``.

    Args:
        arguments: Of the run, without ``--resume``.
        out: Its folder.
        times: How often to kill it.
        longest: Most seconds that it lives.
        seed: Of the moments.

    Returns:
        How long it lived each time; fewer than ``times`` where it came to its end.
    """
    rng, lives = random.Random(seed), []
    while len(lives) < times:
        again = ["--resume"] if out.exists() else []
        process = subprocess.Popen([*arguments, *again], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        life = rng.uniform(0, longest)
        try:
            process.wait(timeout=life)
            if lives:
                break
            shutil.rmtree(out)
            longest /= 2
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            lives.append(life)
    subprocess.run([*arguments, "--resume"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return lives


@click.group()
def folds() -> None:
    """Measure where folds are trained."""


@folds.command()
@click.argument("store", type=click.Path(exists=True))
@click.option("--jobs", default=min(4, available_cores()), show_default=True)
@click.option("--epochs", default=2, show_default=True, help="Of each fold.")
@click.option("--ray/--no-ray", default=True, show_default=True, help="Two Ray workers too.")
def speed(store: str, jobs: int, epochs: int, ray: bool) -> None:
    """Serial, --jobs, and Ray on the same folds."""
    options = (*QUICK, "--set", f"train.epochs={epochs}")
    left_out = {"ray": "Ray is not installed"} if ray and not find_spec("ray") else {}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        seconds = {"serial": timed(command(store, base / "serial", *options))}
        seconds[f"jobs {jobs}"] = timed(command(store, base / "jobs", *options, "--jobs", str(jobs)))
        check(base / "serial", base / "jobs")
        if ray and not left_out:
            workers = (*options, "--ray", "local", "--jobs", "2")
            seconds["ray, 2 workers"] = timed(command(store, base / "ray", *workers))
            check(base / "serial", base / "ray")
            start, out = time.perf_counter(), base / "killed"
            process = subprocess.Popen(
                command(store, out, *workers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            kill_a_worker(process, out)
            process.wait()
            seconds["ray, one worker killed"] = time.perf_counter() - start
            check(base / "serial", out)
        count = len(list((base / "serial" / "folds").iterdir()))
    found = {"folds": count, "seconds": seconds, "equal files": True, "left out": left_out}
    click.echo(json.dumps(found, indent=2))


@folds.command()
@click.argument("store", type=click.Path(exists=True))
@click.option("--times", default=10, show_default=True)
@click.option("--longest", default=8.0, show_default=True, help="Most seconds that a process lives.")
@click.option("--seed", default=0, show_default=True)
def kill(store: str, times: int, longest: float, seed: int) -> None:
    """Kill a run again and again, and compare its end with that of an undisturbed one."""
    options = (*QUICK, "--set", "train.protocol=kfold", "--set", "train.folds=3")
    with tempfile.TemporaryDirectory() as folder:
        whole, out = Path(folder) / "undisturbed", Path(folder) / "killed"
        seconds = timed(command(store, whole, *options))
        lives = kill_and_go_on(command(store, out, *options), out, times, longest, seed)
        check(whole, out)
        left = [
            file.name for file in out.rglob("*") if file.suffix == ".partial" or file.name.startswith(("state", "lock"))
        ]
    click.echo(json.dumps({"undisturbed": seconds, "killed after": lives, "equal files": True, "left over": left}))


if __name__ == "__main__":
    folds()
