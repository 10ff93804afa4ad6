"""How fast are folds trained in a pool of processes and on Ray, and are their files equal to the byte?

    python -m benchmarks.data.folds speed STORE       serial against --jobs and Ray, and Ray with a worker killed

Every way must leave the same files as the serial run; otherwise the program names the file and exits with 1.
"""

import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import click
import psutil

from atm_gcn.machine import available_cores
from benchmarks.data.kills import differing_files

QUICK = ("--preset", "demo", "--device", "cpu", "--set", "train.optim.epochs=2", "--set", "train.compute.save_every=1")


def command(store: str | Path, out: Path, *options: str) -> list[str]:
    """The command line of one run."""
    return [sys.executable, "-m", "atm_gcn", "train", str(store), str(out), *options]


def check(one: Path, other: Path) -> None:
    """Exit if two runs differ."""
    files = differing_files(one, other)
    if files or not (one / "metrics.json").is_file():
        sys.exit(f"{other.name} differs from {one.name}: {', '.join(files) or 'no run there'}")


def timed(arguments: list[str]) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def kill_a_worker(process: subprocess.Popen, out: Path) -> None:
    """Kill one worker of a run once a fold has written a state."""
    while not list(out.glob("folds/*/state.safetensors")):
        time.sleep(0.05)
    trains = [
        p for p in psutil.Process(process.pid).children(recursive=True) if "train_remotely" in " ".join(p.cmdline())
    ]
    trains[0].kill()


@click.group()
def folds() -> None:
    """Measure the ways to train folds."""


@folds.command()
@click.argument("store", type=click.Path(exists=True))
@click.option("--jobs", default=min(4, available_cores()), show_default=True)
@click.option("--epochs", default=2, show_default=True, help="Epochs per fold.")
@click.option("--ray/--no-ray", default=True, show_default=True, help="Whether to train with two Ray workers too.")
def speed(store: str, jobs: int, epochs: int, ray: bool) -> None:
    """Serial, --jobs, and Ray on the same folds."""
    options = (*QUICK, "--set", f"train.optim.epochs={epochs}")
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


if __name__ == "__main__":
    folds()
