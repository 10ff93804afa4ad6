"""The process that runs cases: ``python -m tests.fuzz.worker KIND SEEDS`` prints a line of JSON per case."""

import importlib
import json
import sys
import time
from pathlib import Path

from tests.fuzz.harness import limit_memory, run_case, temporary_folder


def main(name: str, seeds: list[int]) -> None:
    """Run cases one after another; a line with the seed alone says that one begins."""
    import torch

    torch.set_num_threads(1)
    kind = importlib.import_module(f"tests.fuzz.kinds.{name}").KIND
    with temporary_folder() as base:
        original = Path(base, "original")
        original.mkdir()
        kind.make(original)
        expected = kind.read(original)
        limit_memory()
        for seed in seeds:
            print(json.dumps([seed]), flush=True)
            start = time.monotonic()
            with temporary_folder() as folder:
                outcome, text = run_case(kind, original, expected, seed, Path(folder, "case"))
            print(json.dumps([seed, outcome, text, time.monotonic() - start]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
