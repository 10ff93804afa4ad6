"""Do commands that are killed with -9 and resumed leave the files of an uninterrupted run?

    python -m benchmarks.data.kills [--times 20] [--only "train --jobs 2"] [--out results.json]

Clips are drawn, then every command runs once uninterrupted. After that it is killed with all its processes, at a random
moment between its first file and its usual end, and resumed, until it was killed ``--times`` times. Whenever it
finishes, its files are compared, without the times in logs, and it starts from the beginning. The program exits with 1
if a file differs, is missing or is left over.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import click

SYNTH = ("--subjects", "3", "--clips-per-subject", "6", "--size", "64")
SETTINGS = ("--preset", "demo", "--set", "data.size=64")
TRAINING = (*SETTINGS, "--device", "cpu", "--set", "train.optim.epochs=4", "--set", "train.compute.save_every=1")
ATM_GCN = (sys.executable, "-m", "atm_gcn")


@dataclass(frozen=True)
class Command:
    """A command that can be resumed after it was killed.

    Args:
        name: Its name in the table.
        arguments: Arguments before the folder that it writes.
        options: Options after the folder.
        resume: Options that resume it.
    """

    name: str
    arguments: Sequence[str]
    options: Sequence[str]
    resume: Sequence[str] = ()

    def start(self, out: Path, again: bool) -> subprocess.Popen:
        """Start the command, or resume it."""
        arguments = [*ATM_GCN, *self.arguments, str(out), *self.options, *(self.resume if again else ())]
        return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


@dataclass(frozen=True)
class Kills:
    """The results of one command.

    Args:
        command: Its name.
        kills: How often it was killed.
        ends: How often it finished.
        seconds: Seconds that it takes uninterrupted.
        differences: Files that differ, are missing or are left over, over all times that it finished.
    """

    command: str
    kills: int
    ends: int
    seconds: float
    differences: list[str]


def commands(store: Path, clips: Path) -> list[Command]:
    """The commands to kill; one that needs Ray is left out with a message if Ray is not installed."""
    train, again = ("train", str(store)), ("--resume",)
    known = [
        Command("prepare", ("prepare", "manifest", str(clips)), SETTINGS),
        Command("train", train, TRAINING, again),
        Command("train --jobs 2", train, (*TRAINING, "--jobs", "2"), again),
        Command("ablate", ("ablate", str(store)), (*TRAINING, "--folds", "2"), again),
    ]
    if find_spec("ray"):
        return [*known, Command("train --ray local", train, (*TRAINING, "--ray", "local", "--jobs", "2"), again)]
    click.echo("train --ray local is left out: Ray is not installed", err=True)
    return known


def kill_repeatedly(command: Command, folder: Path, times: int, rng: random.Random) -> Kills:
    """Kill a command ``times`` times, and compare its files whenever it finishes."""
    whole, out = folder / "whole", folder / "killed"
    start = time.monotonic()
    _finish(command.start(whole, again=False))
    seconds = time.monotonic() - start
    kills, ends, differences = 0, 0, []
    while kills < times or out.exists():
        process = command.start(out, again=_began(out))
        if kills < times and _is_killed(process, out, rng.uniform(0, seconds)):
            kills += 1
            continue
        _finish(process)
        ends += 1
        differences += differing_files(whole, out)
        shutil.rmtree(out)
    return Kills(command.name, kills, ends, seconds, sorted(set(differences)))


def differing_files(one: Path, other: Path) -> list[str]:
    """Files of two folders that differ, or that one of them lacks; logs are compared without their times."""
    ours, theirs = ({str(f.relative_to(path)): f for f in path.rglob("*") if f.is_file()} for path in (one, other))
    lacking = sorted(ours.keys() ^ theirs.keys())
    both = sorted(ours.keys() & theirs.keys())
    return lacking + [name for name in both if _content(ours[name]) != _content(theirs[name])]


def _content(file: Path) -> object:
    if file.name == "log.jsonl":
        return [json.loads(line) | {"seconds": 0} for line in file.read_text().splitlines()]
    return file.read_bytes()


def _began(out: Path) -> bool:
    return out.exists() or out.with_name(f"{out.name}.partial").exists()


def _is_killed(process: subprocess.Popen, out: Path, life: float) -> bool:
    """Kill a process ``life`` seconds after it has begun to write; false if it ended before."""
    while process.poll() is None and not _began(out):
        time.sleep(0.01)
    try:
        process.wait(timeout=life)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


def _finish(process: subprocess.Popen) -> None:
    text = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"{' '.join(process.args)}: exit code {process.returncode}\n{text}")


@click.command(help=__doc__)
@click.option("--times", default=20, show_default=True, help="How often to kill each command.")
@click.option("--only", multiple=True, help="Name of a command; may be repeated.")
@click.option("--seed", default=0, show_default=True, help="Seed of the moments.")
@click.option("--out", type=click.Path(path_type=Path), help="JSON file for the results.")
def main(times: int, only: tuple[str, ...], seed: int, out: Path | None) -> None:
    results: list[Kills] = []
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*ATM_GCN, "synth", str(base / "clips"), *SYNTH], **quiet)
        subprocess.run([*ATM_GCN, "prepare", "manifest", str(base / "clips"), str(base / "store"), *SETTINGS], **quiet)
        for number, command in enumerate(commands(base / "store", base / "clips")):
            if only and command.name not in only:
                continue
            (base / str(number)).mkdir()
            found = kill_repeatedly(command, base / str(number), times, random.Random(seed))
            results.append(found)
            click.echo(
                f"{found.command}: {found.kills} kills, {found.ends} times finished, "
                f"{found.seconds:.1f} s uninterrupted, "
                f"{len(found.differences)} files differ {' '.join(found.differences[:5])}"
            )
            if out:
                out.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n")
    raise SystemExit(any(one.differences for one in results))


if __name__ == "__main__":
    main()
