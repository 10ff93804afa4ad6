"""The outcome of a task with one class per clip, and what every outcome offers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from atm_gcn.metrics import SCORES, scores
from atm_gcn.training.results import summary
from atm_gcn.training.results.predictions import Prediction, check_prediction, predictions_of

if TYPE_CHECKING:
    from atm_gcn.training.loop.fold import FoldResult


class Outcome(Protocol):
    """How the predictions of a task are written and scored.

    Attributes:
        checked: Keys of metrics.json that must agree with the predictions of the folds.
    """

    checked: tuple[str, ...]

    def rows(self, result: "FoldResult", names: list[str]) -> list[Prediction]:
        """The rows of predictions.csv of one fold; ``names`` are those of the logits, in their order."""

    def check(self, row: Prediction, names: list[str]) -> None:
        """Raise a :class:`ValueError` if a row cannot be a prediction of these classes or units."""

    def score(
        self, rows: list[Prediction], names: list[str], seed: int, several: bool, protocol: str
    ) -> dict[str, Any]:
        """The content of metrics.json.

        Args:
            rows: Of all folds and seeds.
            names: Of the logits.
            seed: The first seed.
            several: Whether the run has several seeds.
            protocol: In a phrase.
        """

    def predicted(self, probabilities: Sequence[float], names: Sequence[str]) -> str:
        """The predicted class or units, as ``predicted`` of predictions.csv has them."""

    def to_text(self, metrics: dict[str, Any]) -> str:
        """The scores for a terminal."""

    def draw(self, metrics: dict[str, Any], path: Path) -> None:
        """Draw the figure of the scores."""

    def card(self, result: "FoldResult") -> dict[str, Any]:
        """The scores of the held-out clips for the model card, beside their number."""

    def clips_with(self, labels: Sequence[str], names: Sequence[str]) -> dict[str, int]:
        """Number of clips of every class or with every unit, by their labels."""

    def held_out_text(self, result: "FoldResult") -> str:
        """How well the held-out clips are predicted, in a phrase for the progress."""


class EmotionOutcome:
    """One class per clip: UF1, UAR, accuracy and the confusion matrix."""

    checked: tuple[str, ...] = ("class_names", "num_clips", "num_subjects", "confusion", *SCORES)

    def rows(self, result: "FoldResult", names: list[str]) -> list[Prediction]:
        return predictions_of(result, names)

    def check(self, row: Prediction, names: list[str]) -> None:
        check_prediction(row, names)

    def score(
        self, rows: list[Prediction], names: list[str], seed: int, several: bool, protocol: str
    ) -> dict[str, Any]:
        summarize = summary.summarize_seeds if several else summary.summarize
        return summarize(rows, names, seed, protocol)

    def predicted(self, probabilities: Sequence[float], names: Sequence[str]) -> str:
        return names[max(range(len(names)), key=probabilities.__getitem__)]

    def to_text(self, metrics: dict[str, Any]) -> str:
        return summary.to_text(metrics)

    def draw(self, metrics: dict[str, Any], path: Path) -> None:
        summary.draw_confusion(metrics, path)

    def card(self, result: "FoldResult") -> dict[str, Any]:
        found = scores(result.labels, result.probabilities.argmax(dim=1), result.probabilities.size(1))
        return {"uf1": found.uf1, "uar": found.uar, "acc": found.acc}

    def clips_with(self, labels: Sequence[str], names: Sequence[str]) -> dict[str, int]:
        return {name: labels.count(name) for name in names}

    def held_out_text(self, result: "FoldResult") -> str:
        predicted = result.probabilities.argmax(dim=1).tolist()
        correct = sum(one == other for one, other in zip(predicted, result.labels, strict=True))
        return f"{correct} of {len(result.labels)} held-out clips correct"
