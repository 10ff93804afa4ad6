"""The search of all folds of a spotting run, one after another or several at a time."""

import multiprocessing.synchronize
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

import torch

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.spotting.held_out.folds import SpottingFold
from atm_gcn.spotting.held_out.recognition import recognise_fold
from atm_gcn.spotting.held_out.spotters import Measured, Sought, spot_fold
from atm_gcn.spotting.layout import SpottingFolder
from atm_gcn.spotting.training import SpotterTraining
from atm_gcn.terminal.progress import progress_bar
from atm_gcn.training.devices.device import reproducible
from atm_gcn.training.execution.pool import start_method
from atm_gcn.training.execution.pool_worker import end_with_parent
from atm_gcn.training.execution.worker import Message, RemoteLog, send_log

POLL_SECONDS = 0.2  # between two looks at the request to stop


@dataclass(frozen=True)
class Search:
    """What the search of every fold needs.

    Args:
        folder: The run.
        measured: All videos and their motion.
        training: How the learnt spotter is trained.
        seed: The run's seed.
        threads: CPU threads of a fold; None for the default number.
        device: Device of the classifiers.
    """

    folder: SpottingFolder
    measured: Measured
    training: SpotterTraining
    seed: int
    threads: int | None
    device: torch.device

    def fold(self, sought: Sought, fold: SpottingFold, check_stop: Callable[[], None]) -> None:
        """Search the videos of a fold and classify the micro-expressions found, unless that is done already."""
        own, digest = self.folder.fold(sought.name, fold.name), self.folder.digest
        with reproducible(self.seed, self.device, self.threads):
            spotted = spot_fold(sought, fold, self.measured, own, digest, self.seed, self.training, check_stop)
            if sought.kind == "micro":
                recognise_fold(fold, spotted, [video for video, _ in self.measured], own, digest, self.device)


def search_folds(
    search: Search,
    sought: Sought,
    folds: Sequence[SpottingFold],
    jobs: int,
    check_stop: Callable[[], None],
    progress: bool,
) -> None:
    """Search all folds; results do not depend on the number of processes.

    Args:
        search: What every fold needs.
        sought: What is looked for.
        folds: The folds.
        jobs: Folds at a time, each in its own process; with 1, in this one.
        check_stop: Called from time to time; raises an exception to stop.
        progress: Show a bar on stderr.

    Raises:
        ATMGCNError: If a recording cannot be read, or a process dies.
    """
    with progress_bar(len(folds), f"folds searched, {sought.name}", "folds", visible=progress) as bar:
        if jobs > 1 and len(folds) > 1:
            _search_in_pool(search, sought, folds, jobs, check_stop, bar.update)
            return
        for fold in folds:
            check_stop()
            search.fold(sought, fold, check_stop)
            bar.update()


def _search_in_pool(
    search: Search,
    sought: Sought,
    folds: Sequence[SpottingFold],
    jobs: int,
    check_stop: Callable[[], None],
    on_fold: Callable[[], object],
) -> None:
    processes = start_method()
    stop = processes.Event()
    remote_log = RemoteLog()
    with ProcessPoolExecutor(min(jobs, len(folds)), processes, _begin, (search, stop)) as pool:
        try:
            waiting = {pool.submit(_search_one, sought, fold) for fold in folds}
            while waiting:
                done, waiting = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                for future in done:
                    for record in future.result():
                        remote_log(*record)
                    on_fold()
                check_stop()
        except (BrokenProcessPool, ConnectionError) as error:
            check_stop()
            raise ATMGCNError(
                f"{search.folder.path}: a process that searched a fold ended; where memory ran out, lower --jobs, then "
                "go on with --resume; a script that searches in several processes needs if __name__ == '__main__': "
                "around its calls"
            ) from error
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


_own: dict[str, tuple[Search, multiprocessing.synchronize.Event, list[Message]]] = {}  # of a process of the pool


def _begin(search: Search, stop: multiprocessing.synchronize.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # which may go to the whole group; the pool passes them on
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    logged: list[Message] = []
    send_log(logged.append)
    _own["search"] = search, stop, logged


def _search_one(sought: Sought, fold: SpottingFold) -> list[tuple[int, str]]:
    """Search a fold, and return what was logged."""
    search, stop, logged = _own["search"]
    logged.clear()

    def check_stop() -> None:
        if stop.is_set():
            raise Interrupted

    search.fold(sought, fold, check_stop)
    return [content for _, content in logged]
