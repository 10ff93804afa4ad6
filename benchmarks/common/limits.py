"""What is left out because this machine cannot do it in reasonable time or has too little memory for it."""

from collections.abc import Iterable

from atm_gcn.machine import Machine
from benchmarks.common.results import LeftOut

USABLE = 0.7  # of the memory


def lacks(machine: Machine, bfloat16: bool = False, compile: bool = False, needs: float = 0.0) -> str:
    """Why a machine cannot do something; empty if it can.

    Args:
        machine: Where it would run.
        bfloat16: Whether it multiplies in bfloat16. A CPU without instructions for it takes hundreds of times as long.
        compile: Whether it needs a compiler.
        needs: Bytes of memory that it needs.
    """
    if bfloat16 and not machine.bfloat16:
        return "the device has no instructions for bfloat16"
    if compile and not machine.compiler:
        return "no compiler is found"
    if needs > USABLE * machine.memory:
        return f"needs about {needs / 1e9:.1f} GB, more than {USABLE:.0%} of {machine.memory / 1e9:.1f} GB of memory"
    return ""


def too_long(seconds: float, longest: float) -> str:
    """Why something that would take ``seconds`` is not begun; empty if it may be."""
    return f"takes {seconds:.0f} s or more, and --longest is {longest:g}" if seconds > longest else ""


def lines_of(left_out: Iterable[LeftOut]) -> str:
    """A line per entry, to go below a table; empty if nothing is left out."""
    return "".join(f"\nLeft out: {one.what}: {one.why}." for one in left_out)
