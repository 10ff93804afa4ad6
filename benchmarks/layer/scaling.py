"""How time and memory of the layer grow with the length of one clip."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch

from benchmarks.common.memory import peak, resident_peak
from benchmarks.common.timing import interleave, synchronize
from benchmarks.layer.cases import Batch, Case, draw
from benchmarks.layer.compare import COMPILED, EAGER, Settings
from benchmarks.layer.page.schema import Million, ScalePoint, Scaling
from benchmarks.layer.sides import Call, compiled_layer, layer

WINDOW = 2
CHANNELS = 128
LENGTHS = (1024, 4096, 16384, 65536, 100_000)


def scale(settings: Settings, compile: bool, lengths: tuple[int, ...] = LENGTHS) -> Scaling:
    """Forward and backward over one clip of each length, the lengths interleaved."""
    calls = {}
    for nodes in lengths:
        batch = draw(Case(1, nodes, WINDOW, CHANNELS), settings.device, settings.seed)
        calls[nodes] = side_of(compile)(batch, settings.limit).train
    for call in calls.values():
        call()
    peaks = {nodes: peak(call, settings.device) for nodes, call in calls.items()}
    names = {str(nodes): call for nodes, call in calls.items()}
    times = interleave(names, settings.device, settings.rounds, 3 * settings.budget, settings.seed)
    points = [ScalePoint(nodes=n, seconds=times[str(n)].median, peak=peaks[n]) for n in lengths]
    return Scaling(
        side=name_of(compile),
        window=WINDOW,
        channels=CHANNELS,
        points=points,
        time_slope=slope(lengths, [point.seconds for point in points]),
        memory_slope=slope(lengths, [point.peak for point in points]),
    )


def slope(lengths: tuple[int, ...], values: list[float]) -> float:
    """Least squares in log-log."""
    return float(np.polyfit(np.log(lengths), np.log(values), 1)[0])


def million(settings: Settings, compile: bool, threads: int, nodes: int = 1_000_000) -> Million:
    """One long clip in its own process, whose whole memory is counted."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        return pool.submit(run_alone, settings, compile, threads, nodes).result()


def run_alone(settings: Settings, compile: bool, threads: int, nodes: int) -> Million:
    """Draw the clip, and measure forward and backward."""
    torch.set_num_threads(threads)
    call = side_of(compile)(draw(Case(1, nodes, WINDOW, CHANNELS), settings.device, settings.seed), settings.limit)
    call.train()
    process_peak = resident_peak() if settings.device == "cpu" else None
    synchronize(settings.device)
    begin = time.perf_counter()
    call.train()
    synchronize(settings.device)
    seconds = time.perf_counter() - begin
    return Million(
        side=name_of(compile),
        nodes=nodes,
        channels=CHANNELS,
        seconds=seconds,
        peak=peak(call.train, settings.device),
        process_peak=process_peak,
    )


def side_of(compile: bool) -> Callable[[Batch, float], Call]:
    """How the layer is called."""
    return compiled_layer if compile else layer


def name_of(compile: bool) -> str:
    return COMPILED if compile else EAGER
