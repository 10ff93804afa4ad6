"""Several devices for one fold, through Lightning Fabric: each takes a part of every step's clips.

The processes are started by ``torchrun``, or by Fabric, which runs this process's own command once more for every
other device. In both cases the process of rank 0 does what it would do alone, and all others :func:`follow`: they take
part in the training of every task that rank 0 begins, and write nothing.
"""

import importlib
import inspect
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.devices.group import Alone
from atm_gcn.training.execution.executor import Listener, Work, train_task
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.protocol.tasks import Task

FABRICS = ("lightning.fabric", "lightning_fabric")  # in the package lightning, and alone


def fabric_module() -> ModuleType:
    """Lightning Fabric, under whichever of its names it is installed.

    Raises:
        ATMGCNError: If it is not.
    """
    for name in FABRICS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ATMGCNError(
        "training one fold on several devices needs lightning-fabric, which is not installed: "
        "pip install 'atm-gcn[distributed]'"
    )


def follows() -> bool:
    """Whether this process is one of several and not the one of rank 0."""
    return int(os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or 0) > 0


class Team(Alone):
    """The devices of a Fabric, this process's among them.

    Args:
        size: Number of devices; those of this machine, unless torchrun started processes on several.
        device: ``"auto"``, ``"cpu"`` or ``"cuda"``.

    Raises:
        ATMGCNError: If Fabric is not installed, or there are fewer devices.
    """

    def __init__(self, size: int, device: str = "auto") -> None:
        fabric = fabric_module()
        for name in FABRICS:
            logging.getLogger(name).setLevel(logging.WARNING)
        here = int(os.environ.get("LOCAL_WORLD_SIZE", size))
        accelerator = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        try:
            strategy = importlib.import_module(f"{fabric.__name__}.strategies").DDPStrategy(**_without_buffers())
            self.fabric = fabric.Fabric(
                accelerator=accelerator, strategy=strategy, devices=here, num_nodes=size // here
            )
            self.fabric.launch()
        except (RuntimeError, ValueError) as error:
            raise ATMGCNError(
                f"{size} devices of kind {device!r} cannot be used ({str(error).splitlines()[0]})"
            ) from error
        self.rank, self.size, self.device = self.fabric.global_rank, self.fabric.world_size, self.fabric.device

    def wrap(self, model: nn.Module) -> nn.Module:
        return self.fabric.setup_module(model)

    def backward(self, value: Tensor) -> None:
        self.fabric.backward(value)

    def keeping_gradients(self, wrapped: nn.Module, keep: bool) -> AbstractContextManager:
        return self.fabric.no_backward_sync(wrapped, enabled=keep)

    def sum(self, value: Tensor) -> Tensor:
        return self.fabric.all_reduce(value, reduce_op="sum")

    def decided(self, thing: Any) -> Any:
        return self.fabric.broadcast(thing)

    def share_buffers(self, model: nn.Module) -> None:
        for buffer in model.buffers():
            torch.distributed.broadcast(buffer, src=0)

    def part(self) -> None:
        """Leave together."""
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()

    def disband(self) -> None:
        """End the processes that Fabric started; torchrun ends its own."""
        for process in getattr(self.fabric.strategy.launcher, "procs", []):
            process.kill()


class Together:
    """Trains one task after another, each on several devices.

    Args:
        size: Number of devices.
        device: See :class:`Team`.

    Raises:
        ATMGCNError: If Fabric is not installed.
    """

    def __init__(self, size: int, device: str = "auto") -> None:
        fabric_module()
        self.size, self.device = size, device
        self.team: Team | None = None

    def run(
        self, work: Work, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]
    ) -> Iterator[tuple[Task, FoldResult]]:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        self.team = team = self.team or Team(self.size, self.device)
        team.decided(work)
        try:
            for task in tasks:
                if stop():
                    raise Interrupted
                team.decided(task)
                yield task, self._train(work, task, listener, stop)
        except BaseException:
            self.team = team.disband()  # the others wait for something else than the end
            raise
        team.decided(None)

    def _train(self, work: Work, task: Task, listener: Listener, stop: Callable[[], bool]) -> FoldResult:
        listener.begin(task.label)
        return train_task(work, task, partial(listener.epoch, task.label), stop, self.team.device, self.team)

    def close(self) -> None:
        """Let those end who follow."""
        if self.team:
            self.team.decided(None)
            self.team.part()

    def follow(self) -> None:
        """Take part in what the process of rank 0 trains, until it has no more work."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # rank 0 hears them too, and decides
        logging.getLogger("atm_gcn").setLevel(logging.ERROR)  # rank 0 says the rest as well
        team = Team(self.size, self.device)
        while work := team.decided(None):
            while task := team.decided(None):
                with suppress(Interrupted):
                    train_task(work, task, device=team.device, team=team)
        team.part()


def _without_buffers() -> dict[str, bool]:
    """What tells DistributedDataParallel not to copy buffers in every pass: it changed its name."""
    known = inspect.signature(DistributedDataParallel.__init__).parameters
    return {"forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers": False}
