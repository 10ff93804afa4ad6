"""One task after another, in this process."""

from collections.abc import Callable, Sequence
from functools import partial

from atm_gcn.errors import Interrupted
from atm_gcn.training.execution.executor import Listener, Results, RunContext, train_task
from atm_gcn.training.protocol.tasks import Task


class SerialExecutor:
    """Trains in this process."""

    def run(self, context: RunContext, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]) -> Results:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        for task in tasks:
            if stop():
                raise Interrupted
            listener.begin(task.label)
            yield task, train_task(context, task, partial(listener.epoch, task.label), stop)
