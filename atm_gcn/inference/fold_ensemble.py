"""The mean of the fold models of a run, as one module."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.config import ModelConfig
from atm_gcn.encoders.views import mean_logits
from atm_gcn.explanation import Explanation
from atm_gcn.losses import probabilities_of


class FoldEnsemble(nn.Module):
    """The mean of several models' probabilities: what :meth:`ATMGCN.from_pretrained` gives for the folder of a run.

    Of a run with several seeds, these are the models of all seeds unless ``seeds`` is given, so that the score that
    belongs to them is that of the ensemble, ``seed_ensemble`` in ``metrics.json``. All models are kept in memory.

    The mean is meant for clips of people who are not in the run: most of its models were trained on any clip of the
    run. ``atm-gcn predict`` and :func:`~atm_gcn.predict_video` choose the models that were not.

    Args:
        models: At least one :class:`~atm_gcn.ATMGCN`, all with the same classes.
        config: The settings of the first.
        held_out: What was held out from each, for instance the key of a subject.

    Attributes:
        models: The models.
        class_names: In the order of the logits.
    """

    def __init__(self, models: Sequence[nn.Module], config: ModelConfig, held_out: Sequence[str] = ()) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)
        self.config, self.held_out, self.class_names = config, list(held_out), config.names

    @classmethod
    def load(cls, folders: Sequence[Path], read: Callable[[Path], Any]) -> Self:
        """The ensemble of the models in some folders, each of which ``read`` reads."""
        models = [read(folder) for folder in folders]
        return cls(models, models[0].config, [model.metadata.get("held_out", "") for model in models]).eval()

    def forward(self, batch: Data) -> Tensor:
        """Logits ``[B, C]`` that give the mean of the models' probabilities; arguments as for one model."""
        mean = mean_logits(*(model(batch) for model in self.models), task=self.config.task)
        return mean if self.config.task == "action-units" else mean - torch.log(torch.tensor(float(len(self.models))))

    @torch.no_grad()
    def predict(self, batch: Data) -> Tensor:
        """Mean of the models' probabilities ``[B, C]``, in evaluation mode."""
        training = self.training
        try:
            return probabilities_of(self.eval()(batch), self.config.task)
        finally:
            self.train(training)

    @torch.no_grad()
    def explain(self, batch: Data) -> Explanation:
        """Explain the model whose probabilities are nearest to the mean over the batch; see :meth:`ATMGCN.explain`.

        ``probabilities`` of the explanation are those of that model; for the mean, see :meth:`predict`.
        """
        mean = self.predict(batch)
        each: list[Explanation] = [getattr(model, "explain")(batch) for model in self.models]  # noqa: B009  for mypy
        distances = [float((one.probabilities - mean).abs().sum()) for one in each]
        return each[distances.index(min(distances))]
