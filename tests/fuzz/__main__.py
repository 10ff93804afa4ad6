"""Command line: counts of every kind of input."""

import argparse

from tests.fuzz.harness import FAILED, OUTCOMES, run_cases
from tests.fuzz.kinds import KINDS

parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind; may be repeated")
parser.add_argument("--cases", type=int, default=1_000)
parser.add_argument("--seed", type=int, default=0, help="seed of the first case")
arguments = parser.parse_args()

print("| kind |", " | ".join(OUTCOMES), "| slowest |", flush=True)
print("|---|" + "---:|" * (len(OUTCOMES) + 1))
failures = []
for name in arguments.kind or KINDS:
    counts = run_cases(name, range(arguments.seed, arguments.seed + arguments.cases))
    print(
        f"| {name} |",
        " | ".join(str(counts.outcomes[one]) for one in OUTCOMES),
        f"| {counts.slowest:.1f} s |",
        flush=True,
    )
    failures += [f"{name}, seed {seed}: {text}" for seed, text in counts.failures]
print(*failures, sep="\n")
raise SystemExit(bool(failures) and FAILED)
