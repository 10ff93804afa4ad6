"""Predicting with what a run left: one model, or the models of all its folds together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader

from atm_gcn.building import Builder, load_model
from atm_gcn.checkpoint import data_settings, load_checkpoint
from atm_gcn.data import FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.loop.step import predict
from atm_gcn.training.results.fold_record import check_named_model
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_results import RunResults


class Ensemble:
    """Models whose probabilities are averaged; they are loaded one at a time.

    Args:
        path: What the user calls them.
        files: Checkpoints of models with the same classes.
        build_model: What built the models, unless they are of the library; see :mod:`atm_gcn.building`.

    Attributes:
        class_names: In the order of the probabilities.
        data: How the clips that the models know were prepared.
        window: Neighbours on each side in the graph.

    Raises:
        ATMGCNError: If the first checkpoint cannot be read.
    """

    def __init__(self, path: Path, files: Sequence[Path], build_model: Builder | None = None) -> None:
        self.path, self.files, self.build_model = path, list(files), build_model
        _, config, metadata = load_checkpoint(self.files[0])
        self.class_names = config.names
        self.data = data_settings(metadata, self.files[0])
        self.window = config.window

    @classmethod
    def open(cls, path: str | Path, build_model: Builder | None = None) -> Self:
        """The model in a file or in a fold's folder, or those of all folds of a run's folder.

        Raises:
            ATMGCNError: If there is none, or it was changed after the run.
        """
        path = Path(path)
        files = RunResults(path).models() if RunFolder(path).is_begun else [check_named_model(path)]
        return cls(path, files, build_model)

    def check_store(self, store: FrameStore) -> None:
        """Make sure that a store holds clips as the models know them.

        Raises:
            ATMGCNError: If its classes, or the size or rate of its frames, are others.
        """
        if store.classes != self.class_names:
            raise ATMGCNError(
                f"{store.path}: has {len(store.classes)} classes ({', '.join(store.classes)}), the model has "
                f"{len(self.class_names)} ({', '.join(self.class_names)}); prepare it with the model's classes"
            )
        for key in ("size", "fps"):
            there, known = getattr(store.config, key), getattr(self.data, key)
            if there != known:
                raise ATMGCNError(
                    f"{store.path}: was prepared with {key} {there}, the model was trained with {known}; "
                    "prepare it again"
                )

    def predict(self, clips: Any, device: torch.device, batch_size: int = 16) -> Tensor:
        """Mean of the models' probabilities.

        Args:
            clips: A dataset or a list of :class:`~torch_geometric.data.Data`.
            device: Where to compute.
            batch_size: Clips at a time.

        Returns:
            float64 ``[num_clips, C]``; rows sum to 1.
        """
        loader = DataLoader(clips, batch_size=batch_size)
        total = torch.zeros(len(clips), len(self.class_names), dtype=torch.float64)
        for file in self.files:
            loaded = load_model(file, self.build_model)
            if (loaded.config.class_names or self.class_names) != self.class_names:
                raise ATMGCNError(f"{file}: has other classes than {self.files[0]}; predict with one of the two alone")
            total += predict(accelerate(loaded.model.to(device)), loader)
        return total / len(self.files)


def data_of(frames: np.ndarray, apex_position: int, positions: Sequence[float]) -> Data:
    """One clip for the model, its graph left for the model to build.

    Args:
        frames: uint8 RGB ``[L, H, W, 3]``, the onset first, L at least 2.
        apex_position: The apex's 0-based position among them, at least 1.
        positions: Where each stands in time, in frames at the clip's rate; the first is 1.
    """
    images = torch.from_numpy(frames).permute(0, 3, 1, 2)  # [L, 3, H, W]
    return Data(
        frames=images[1:],
        onset_frame=images[:1],
        pos=torch.tensor(positions[1:], dtype=torch.float32),
        global_index=torch.tensor([apex_position - 1]),
        num_nodes=len(images) - 1,
    )
