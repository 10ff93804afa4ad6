"""What runs on the machines of a Ray cluster: the training of one task, and the queue for its messages."""

import time
from typing import Any

from atm_gcn.training.execution.executor import RunContext
from atm_gcn.training.execution.worker import Message, send_log, train_and_report
from atm_gcn.training.protocol.tasks import Task

POLL_SECONDS = 1.0  # between two questions of a task whether to stop


class MessageQueue:
    """Holds the messages of tasks until the run collects them, and its request to stop. A Ray actor."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Message]] = []
        self.stopping = False

    def put(self, label: str, message: Message) -> None:
        """Add a message of the task with that label."""
        self.messages.append((label, message))

    def collect(self) -> list[tuple[str, Message]]:
        """Take all messages, each with its task's label."""
        messages, self.messages = self.messages, []
        return messages

    def stop(self) -> None:
        """Request that all tasks stop."""
        self.stopping = True

    def is_stopping(self) -> bool:
        """Whether tasks are to stop."""
        return self.stopping


def train_remotely(context: RunContext, task: Task, queue: Any) -> Message:
    """Train one task; return its last message. A Ray task."""
    poll = _StopPoll(queue)
    if poll.ask():
        return "stopped", None  # it was waiting for a free worker until now

    def send(message: Message) -> None:
        queue.put.remote(task.label, message)

    send_log(send)
    return train_and_report(context, task, send, poll)


class _StopPoll:
    """Asks the queue whether to stop, but not at every step."""

    def __init__(self, queue: Any) -> None:
        self.queue, self.asked = queue, time.monotonic()

    def ask(self) -> bool:
        import ray

        self.asked = time.monotonic()
        return ray.get(self.queue.is_stopping.remote())

    def __call__(self) -> bool:
        return time.monotonic() - self.asked >= POLL_SECONDS and self.ask()
