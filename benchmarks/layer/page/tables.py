"""Tables of results as Markdown."""

import statistics

from benchmarks.layer.compare import LAYERS
from benchmarks.layer.page.schema import CaseResult, Results, SideResult

Row = list[str]
DISTURBED = 1.3  # upper over lower quartile
DAGGER = (
    "\n\n† disturbed by other work: the quartiles of Linear, or of most implementations, differ by more than a factor "
    f"of {DISTURBED}."
)
GIVEN = ("PyG GCNConv", "PyG GCNConv, compiled", "torch sparse CSR", "torch_scatter segment_csr")


def markdown(header: Row, rows: list[Row]) -> str:
    """A table whose first column is text and whose others are numbers."""
    rule = [":--"] + ["--:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def megabytes(size: float) -> str:
    return f"{size / 1e6:.3g}" if size < 1e9 else f"{size / 1e6:.0f}"


def title(case: CaseResult) -> str:
    """The size in words."""
    shape = f"1 to {case.nodes}" if case.ragged else f"{case.nodes}"
    return f"B {case.batch}, n {shape}, w {case.window}, F {case.channels}"


def disturbed(case: CaseResult, kind: str) -> bool:
    """Whether something else used the machine: readings of the floor, or of most sides, lie far apart."""
    times = {side.side: getattr(side, kind) for side in case.sides if getattr(side, kind)}
    apart = {name: time.high / time.low for name, time in times.items()}
    return bool(apart) and max(apart.get(case.floor, 1.0), statistics.median(apart.values())) > DISTURBED


def case_table(case: CaseResult) -> str:
    """Every side of one size: milliseconds with quartiles, ratios to the floor, megabytes."""
    floor = side_of(case, case.floor)
    rows = []
    for side in case.sides:
        row = [side.side + ("" if side.same or side.side.startswith(case.floor) else " *")]
        for kind in ("forward", "train"):
            time, base = getattr(side, kind), getattr(floor, kind)
            row += ["", "", ""]
            if time is not None:
                spread = f"{milliseconds(time.median)} ({milliseconds(time.low)}-{milliseconds(time.high)})"
                size = getattr(side, f"{kind}_peak")
                row[-3:] = [spread, f"{time.median / base.median:.2f}", megabytes(size)]
        rows.append([*row, side.note])
    header = ["", "forward, ms", "ratio", "MB", "forward + backward, ms", "ratio", "MB", ""]
    return f"\n{title(case)} ({case.num_nodes} nodes, {case.num_edges} edges)\n\n{markdown(header, rows)}"


def ratio_table(cases: list[CaseResult], kind: str) -> str:
    """Times of every side in multiples of the bare Linear of the same run; the fastest way of Eq. 9 in bold."""
    names = [name for name in LAYERS if any(getattr(side_of(case, name), kind) for case in cases)]
    rows = []
    for case in cases:
        sides = {name: side_of(case, name) for name in names}
        same = [getattr(s, kind).median for name, s in sides.items() if s.same and getattr(s, kind)]
        row = [title(case) + " †" * disturbed(case, kind)]
        for name, side in sides.items():
            time = getattr(side, kind)
            if name == case.floor:
                row.append(f"{milliseconds(time.median)} ms")
            elif time is None:
                row.append("-")
            else:
                ratio = f"{time.median / getattr(sides[case.floor], kind).median:.2f}"
                row.append(f"**{ratio}**" if side.same and time.median == min(same) else ratio)
        rows.append(row)
    dagger = DAGGER if any(disturbed(case, kind) for case in cases) else ""
    return markdown(["", *(heading(cases, name) for name in names)], rows) + dagger


def memory_table(cases: list[CaseResult]) -> str:
    """Peak megabytes of forward and backward beyond the inputs."""
    names = [name for name in LAYERS if any(side_of(case, name).train_peak for case in cases)]
    rows = []
    for case in cases:
        peaks = [side_of(case, name).train_peak for name in names]
        rows.append([title(case), *("-" if peak is None else megabytes(peak) for peak in peaks)])
    return markdown(["", *(heading(cases, name) for name in names)], rows)


def heading(cases: list[CaseResult], name: str) -> str:
    """A side's name, with a star if it computes another function."""
    same = all(side_of(case, name).same for case in cases) or name == cases[0].floor
    return name if same else f"{name} *"


def notes(cases: list[CaseResult]) -> list[str]:
    """What was not measured, why, and at which sizes."""
    where: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        for side in case.sides:
            if side.note:
                where.setdefault((side.side, side.note), []).append(title(case))
    return [
        f"{side}: {note} ({'every size' if len(sizes) == len(cases) else '; '.join(sizes)})"
        for (side, note), sizes in sorted(where.items())
    ]


def losses(cases: list[CaseResult], ways: tuple[str, ...]) -> list[str]:
    """Where rivals are faster than the fastest of some ways of this library, one line a size and direction.

    A rival that is given N(A) does less; how the library fares when it is given N(A) too stands after a semicolon.
    """
    lines = []
    for case in cases:
        for kind, name in (("forward", "forward"), ("train", "forward + backward")):
            mine, given = fastest(case, ways, kind), fastest(case, tuple(f"{way}, given N(A)" for way in ways), kind)
            ahead = []
            for side in sorted((s for s in case.sides if getattr(s, kind)), key=lambda s: getattr(s, kind).median):
                time = getattr(side, kind).median
                if mine and time < mine and not side.side.startswith("TMGCN") and side.side != case.floor:
                    spared = f"; {given / time:.2f}" if given and side.side in GIVEN else ""
                    ahead.append(f"{heading([case], side.side)} ({mine / time:.2f}{spared})")
            if ahead:
                size = title(case) + " †" * disturbed(case, kind)
                lines.append(f"{size}, {name}, {milliseconds(mine)} ms: {', '.join(ahead)}")
    return lines


def fastest(case: CaseResult, names: tuple[str, ...], kind: str) -> float | None:
    """Seconds of the fastest of some sides, None if none was timed."""
    times = [getattr(side_of(case, name), kind) for name in names]
    return min((time.median for time in times if time), default=None)


def sum_table(results: Results) -> str:
    """The weighted sum alone in multiples of its byte floor."""
    rows = []
    for entry in results.sums:
        row = [f"{entry.case}, {entry.side}"]
        for time, size in ((entry.forward, entry.forward_bytes), (entry.backward, entry.backward_bytes)):
            floor = size / results.copy_bandwidth
            row += [milliseconds(time.median), milliseconds(floor), f"{time.median / floor:.2f}"]
        rows.append(row)
    header = ["", "forward, ms", "floor, ms", "ratio", "backward, ms", "floor, ms", "ratio"]
    copied = f"\nThe weighted sum alone; a copy moves {results.copy_bandwidth / 1e9:.1f} GB/s\n\n"
    return copied + markdown(header, rows)


def scaling_table(results: Results) -> str:
    """Time and memory against the length of one clip, slopes, and the longest clip."""
    lengths = [point.nodes for point in results.scaling[0].points]
    rows = []
    for entry in results.scaling:
        times, peaks = zip(*[(milliseconds(p.seconds), megabytes(p.peak)) for p in entry.points], strict=True)
        rows.append([f"{entry.side}, ms", *times, f"{entry.time_slope:.2f}"])
        rows.append([f"{entry.side}, MB", *peaks, f"{entry.memory_slope:.2f}"])
    lines = [
        f"{entry.side}, one clip of {entry.nodes:,} nodes, F {entry.channels}: forward + backward "
        f"{entry.seconds:.2f} s, {entry.peak / 1e9:.2f} GB beyond the inputs"
        + (f", {entry.process_peak / 1e9:.2f} GB for the whole process" if entry.process_peak else "")
        for entry in results.million
    ]
    table = markdown(["nodes in one clip", *(f"{n:,}" for n in lengths), "slope"], rows)
    return "\n".join(["\nForward + backward over one long clip\n", table, "", *(f"- {line}" for line in lines)])


def side_of(case: CaseResult, name: str) -> SideResult:
    """A side by its name; an empty one if the case was run without it."""
    return next((side for side in case.sides if side.side == name), SideResult(side=name))
