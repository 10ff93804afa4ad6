"""Commands killed with -9 at random moments and started again: what they leave equals an undisturbed run's.

    python benchmarks/data/kills.py [--times 20] [--only "train --jobs 2"] [--out results.json]

Clips are drawn, then every command runs once undisturbed. After that it is killed, with all its processes, at a moment
drawn between its first file and its usual end, and started again, until it was killed so often; where it comes to its
end before, its files are compared and it begins anew. Logs are compared without their times. The program exits with 1
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
    """A command that goes on where it was killed.

    Args:
        name: As in the table.
        arguments: Those before the folder that it writes.
        options: Those after it.
        resume: What is added to go on.
    """

    name: str
    arguments: Sequence[str]
    options: Sequence[str]
    resume: Sequence[str] = ()

    def start(self, out: Path, again: bool) -> subprocess.Popen:
        """Start it, or start it again."""
        arguments = [*ATM_GCN, *self.arguments, str(out), *self.options, *(self.resume if again else ())]
        return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


@dataclass(frozen=True)
class Kills:
    """What came of one command.

    Args:
        command: Its name.
        kills: How often it was killed.
        ends: How often it came to its end.
        seconds: That it takes undisturbed.
        differences: Files that differ, are missing or are left over, of all ends.
    """

    command: str
    kills: int
    ends: int
    seconds: float
    differences: list[str]


def commands(store: Path, clips: Path) -> list[Command]:
    """The commands to kill; those for which something is not installed are left out, and that is said."""
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


def killed_so_often(command: Command, folder: Path, times: int, rng: random.Random) -> Kills:
    """Kill a command ``times`` times, and compare every end that it comes to."""
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
        differences += different(whole, out)
        shutil.rmtree(out)
    return Kills(command.name, kills, ends, seconds, sorted(set(differences)))


def different(one: Path, other: Path) -> list[str]:
    """Files of two folders that differ, or that one of them lacks; logs are compared without their seconds."""
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
    """Kill a process once it has begun to write and lived so long; false if it ended before."""
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
@click.option("--seed", default=0, show_default=True, help="Of the moments.")
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
            found = killed_so_often(command, base / str(number), times, random.Random(seed))
            results.append(found)
            click.echo(
                f"{found.command}: {found.kills} kills, {found.ends} ends, {found.seconds:.1f} s undisturbed, "
                f"{len(found.differences)} files differ {' '.join(found.differences[:5])}"
            )
            if out:
                out.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n")
    raise SystemExit(any(one.differences for one in results))


if __name__ == "__main__":
    main()
