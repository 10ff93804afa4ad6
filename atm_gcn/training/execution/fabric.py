"""Several devices for one fold, through Lightning Fabric: each takes a part of every step's clips.

The processes are started by ``torchrun``, or by Fabric, which runs this process's own command once more for every
other device. In both cases the process of rank 0 does what it would do alone, and every other one calls
:meth:`FabricExecutor.follow`: it takes part in the training of each task that rank 0 begins, and writes nothing.
"""

import importlib
import inspect
import logging
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from atm_gcn.errors import ATMGCNError, Interrupted, install_command
from atm_gcn.training.execution.executor import Listener, Results, RunContext, train_task
from atm_gcn.training.protocol.tasks import Task

FABRICS = ("lightning.fabric", "lightning_fabric")  # in the package lightning, and as a package of its own


def fabric_module() -> ModuleType:
    """The module of Lightning Fabric, under either of its names.

    Raises:
        ATMGCNError: If it is not installed.
    """
    for name in FABRICS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ATMGCNError(
        "training one fold on several devices needs lightning-fabric, which is not installed: "
        f"{install_command('distributed')}"
    )


def is_rank_zero() -> bool:
    """Whether this process has rank 0; true also for a process that is not one of several."""
    return int(os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or 0) == 0


class FabricDevices:
    """The devices of a Fabric, this process's among them; see :class:`~atm_gcn.training.devices.group.DeviceGroup`.

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
            strategy = importlib.import_module(f"{fabric.__name__}.strategies").DDPStrategy(**_no_buffer_sync())
            self.fabric = fabric.Fabric(
                accelerator=accelerator, strategy=strategy, devices=here, num_nodes=size // here
            )
            self.fabric.launch()
        except (RuntimeError, ValueError) as error:
            raise ATMGCNError(
                f"{size} devices of kind {device!r} cannot be used ({str(error).splitlines()[0]})"
            ) from error
        self.rank: int = self.fabric.global_rank
        self.size: int = self.fabric.world_size
        self.device: torch.device = self.fabric.device

    def wrap(self, model: nn.Module) -> nn.Module:
        return self.fabric.setup_module(model)

    def backward(self, value: Tensor) -> None:
        self.fabric.backward(value)

    def no_sync(self, wrapped: nn.Module, enabled: bool) -> AbstractContextManager[Any]:
        return self.fabric.no_backward_sync(wrapped, enabled=enabled)

    def all_reduce(self, value: Tensor) -> Tensor:
        return self.fabric.all_reduce(value, reduce_op="sum")

    def broadcast(self, value: Any) -> Any:
        return self.fabric.broadcast(value)

    def broadcast_buffers(self, model: nn.Module) -> None:
        for buffer in model.buffers():
            torch.distributed.broadcast(buffer, src=0)

    def leave(self) -> None:
        """Wait for all processes, then leave the process group."""
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()

    def kill(self) -> None:
        """Kill the processes that Fabric started; torchrun ends its own."""
        for process in getattr(self.fabric.strategy.launcher, "procs", []):
            process.kill()


class FabricExecutor:
    """Trains one task after another, each on several devices.

    Args:
        size: Number of devices.
        device: See :class:`FabricDevices`.

    Raises:
        ATMGCNError: If Fabric is not installed.
    """

    def __init__(self, size: int, device: str = "auto") -> None:
        fabric_module()
        self.size, self.device = size, device
        self.group: FabricDevices | None = None

    def run(self, context: RunContext, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]) -> Results:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        self.group = group = self.group or FabricDevices(self.size, self.device)
        group.broadcast(context)
        try:
            for task in tasks:
                if stop():
                    raise Interrupted
                group.broadcast(task)
                listener.begin(task.label)
                on_epoch = partial(listener.epoch, task.label)
                yield task, train_task(context, task, on_epoch, stop, group.device, group)
        except BaseException:
            self.group = None
            group.kill()  # the other processes wait in the middle of a task
            raise
        group.broadcast(None)

    def close(self) -> None:
        """End the processes that :meth:`follow`."""
        if self.group:
            self.group.broadcast(None)
            self.group.leave()

    def follow(self) -> None:
        """Take part in what the process of rank 0 trains, until it has no more work."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # rank 0 receives them too, and decides
        logging.getLogger("atm_gcn").setLevel(logging.ERROR)  # rank 0 logs the rest
        group = FabricDevices(self.size, self.device)
        while context := group.broadcast(None):
            while task := group.broadcast(None):
                with suppress(Interrupted):
                    train_task(context, task, device=group.device, group=group)
        group.leave()


def _no_buffer_sync() -> dict[str, bool]:
    """The argument of DistributedDataParallel that stops it from copying buffers in every pass; its name changed."""
    known = inspect.signature(DistributedDataParallel.__init__).parameters
    return {"forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers": False}
