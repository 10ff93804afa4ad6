"""Prediction with one model, or with the mean of the models of all folds of a run."""

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader

from atm_gcn.building import Builder, check_output, load_model
from atm_gcn.checkpoint import data_settings, load_checkpoint
from atm_gcn.config import DataConfig, PeerConfig
from atm_gcn.data import Clip, FrameStore
from atm_gcn.data.action_units.reading import annotated_text
from atm_gcn.data.store.clip_data import flow_tensor, landmarks_tensor
from atm_gcn.data.store.clip_store import View
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import ModelChoice, ModelChooser, trained_warning
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.loop.step import predict
from atm_gcn.training.results.model_card import check_card

log = logging.getLogger(__name__)


class Ensemble:
    """Models whose probabilities are averaged; they are loaded one at a time.

    Args:
        path: The path that the user gave, for messages.
        files: Checkpoints of models with the same classes.
        build_model: Builder of the models, unless they are the library's own; see :mod:`atm_gcn.building`.
        chooser: Chooses among the models for each source; None to use all of them for all.

    Attributes:
        choice: The models, and why these.
        card: The model card of the first model; None if it has none or one that is damaged.
        class_names, task: Of the probabilities, in their order, and what they are of.
        data: Settings by which the models' training clips were prepared.
        window: Neighbours of a node on each side in the graph.
        channels: Features per frame.
        input: ``"frames"``, ``"flow"``, ``"both"`` or ``"features"``, which the models read.
        model_name: ``"atm-gcn"``, or the name of a peer.
        beside: ``"landmarks"`` or ``"depth"``, if they read that too.

    Raises:
        ATMGCNError: If the first checkpoint cannot be read.
    """

    def __init__(
        self,
        path: Path,
        files: Sequence[Path],
        build_model: Builder | None = None,
        chooser: ModelChooser | None = None,
    ) -> None:
        self.path, self.files, self.build_model, self.chooser = path, list(files), build_model, chooser
        self.choice = chooser.all if chooser else ModelChoice(tuple(files), "the models that were named")
        _, config, metadata = load_checkpoint(self.files[0])
        self.class_names, self.task = config.names, config.task
        self.data = data_settings(metadata, self.files[0])
        self.window, self.input = getattr(config, "window", 1), config.input
        self.channels: int = getattr(config, "motion_channels", 0)
        self.model_name = config.name
        self.beside = config.peer.beside if isinstance(config, PeerConfig) else ()
        self.card = _card_of(metadata, self.files[0])

    def read_settings(self, overrides: dict[str, Any] | None = None) -> DataConfig:
        """The settings by which a recording is read as the training clips were.

        Optical flow is left out where the models do not read it.

        Args:
            overrides: Settings of the data instead of the models' own, such as ``{"face": "crop"}``.

        Raises:
            ATMGCNError: If one does not fit.
        """
        settings = self.data.model_dump() | (overrides or {})
        if self.input == "frames":
            settings |= {"flow": "none", "view": "frames"}
        if self.reads_flow_pictures:
            self._refuse_faces(overrides or {})
        config = DataConfig.checked(settings, f"{self.path}: the settings that override its own")
        without_effect = config.unused | ({"face_choice"} if config.face == "none" else set())
        for name in sorted(without_effect & (overrides or {}).keys()):
            raise ATMGCNError(
                f"--{name.replace('_', '-')} {settings[name]} needs pictures of a face, and the models of {self.path} "
                "read whole pictures; add --face crop (face='crop' in Python)"
            )
        return config

    def _refuse_faces(self, overrides: dict[str, Any]) -> None:
        for key in ("face", "face_choice", "face_detector"):
            if overrides.get(key, "none") != "none":
                raise ATMGCNError(
                    f"--{key.replace('_', '-')} {overrides[key]} needs frames, and the models of {self.path} read "
                    "pictures of optical flow, which show no face; leave it out"
                )

    @property
    def reads_flow_pictures(self) -> bool:
        """Whether the models read recordings that are pictures of optical flow."""
        return self.data.flow == "pictures" and self.input != "features"

    @property
    def reads(self) -> str:
        """What of a recording the models read, in a few words."""
        if self.reads_flow_pictures:
            return "pictures of optical flow"
        if self.input in ("flow", "both"):
            beside, source = ("frames and ", "them") if self.input == "both" else ("", "frames")
            return f"{beside}optical flow that is computed from {source} ({self.data.flow})"
        return "frames" if self.input == "frames" else "features"

    @property
    def view(self) -> View | None:
        """What of a stored clip the models read; None if they read features."""
        return None if self.input == "features" else self.input

    @property
    def picture_ranges(self) -> dict[str, dict[str, float]] | None:
        """What the training pictures look like; None if it is not recorded."""
        return self.card["pictures"] if self.card else None

    @classmethod
    def open(cls, path: str | Path, build_model: Builder | None = None, seeds: int | None = None) -> Self:
        """Open the model in a file or in a fold's folder, or the models of all folds in a run's folder.

        Args:
            path: The file or the folder.
            build_model: Builder of the models, unless they are the library's own.
            seeds: Of a run with several seeds, the number of seeds, from the first, whose models are used; None for
                all.

        Raises:
            ATMGCNError: If there is no model, one was changed after the run, or there are fewer seeds.
        """
        chooser = ModelChooser(path, seeds)
        return cls(Path(path), chooser.all.files, build_model, chooser)

    def for_source(self, source: str | Path, clip: Clip | None = None, span: tuple[int, int] | None = None) -> Self:
        """The models for one recording, by the rule of :mod:`~atm_gcn.inference.model_choice`.

        Args:
            source: Folder of frames or video file.
            clip: The row of a manifest that names it, if one does.
            span: Its first and last frame that are used; None for all.

        Raises:
            ATMGCNError: If the models read no pictures or depth images, or the predictions of a fold are damaged or
                were changed.
        """
        self._check_input(source)
        if "depth" in self.beside:
            raise ATMGCNError(
                f"{self.path}: its models read depth images, and {source} is a recording without them; name a frame "
                "store that was prepared with --depth"
            )
        return self.for_query(Query(str(source), span=span) if clip is None else Query.of_clip(clip))

    def for_query(self, query: Query) -> Self:
        """The models for one source of which that is known."""
        if self.chooser is None:
            return self
        chosen = copy.copy(self)
        chosen.choice = self.chooser.choose(query)
        chosen.files = list(chosen.choice.files)
        return chosen

    def warn(self, source: str | Path) -> None:
        """Log a warning if the models that were chosen for a source were trained on it."""
        if self.choice.trained_on:
            log.warning("%s: %s", source, trained_warning(self.choice.reason))

    def recorded_fps(self, source: str | Path | int) -> float | None:
        """Frames per second that the run recorded for a folder of frames; None if it does not know the folder."""
        if self.chooser is None or isinstance(source, int) or not Path(source).is_dir():
            return None
        return self.chooser.fps_of(str(source))

    def _check_input(self, source: str | Path) -> None:
        """Raise an :class:`ATMGCNError` if the models read no pictures."""
        if self.input == "features":
            raise ATMGCNError(
                f"{self.path}: its models read features that were computed beforehand, and {source} holds pictures; "
                "name a file of features, or a manifest of such files"
            )

    def name_of(self, file: Path) -> str:
        """One of the models, as ``"fold synth/s01"``."""
        return str(file) if self.chooser is None else self.chooser.name_of(file)

    def check_store(self, store: FrameStore) -> None:
        """Check that the clips of a store were prepared as the models' training clips were.

        Raises:
            ATMGCNError: If its classes, or the size or rate of its frames, or the optical flow that the models read,
                differ.
        """
        self._check_input(store.path)
        if self.task == "emotion" and store.classes != self.class_names:
            raise ATMGCNError(
                f"{store.path}: has {len(store.classes)} classes ({', '.join(store.classes)}), the model has "
                f"{len(self.class_names)} ({', '.join(self.class_names)}); prepare it with the model's classes"
            )
        if (store.config.flow == "pictures") != self.reads_flow_pictures:
            holds = "pictures of optical flow" if store.config.flow == "pictures" else "frames"
            raise ATMGCNError(
                f"{store.path}: holds {holds}, and the models of {self.path} read {self.reads}; name a model of {holds}"
            )
        flow = () if self.input == "frames" else ("flow", "flow_size")
        for key in ("size", "fps", *flow):
            found, trained = (getattr(config, key) for config in (store.config, self.data))
            if key == "flow_size":
                found, trained = store.config.flow_pixels, self.data.flow_pixels
            if found != trained:
                raise ATMGCNError(
                    f"{store.path}: was prepared with {key} {found}, the model was trained with {trained}; "
                    "prepare it again"
                )

    def label_of(self, clip: Clip) -> str | None:
        """What is annotated of a clip, in the words of the predictions; None if its action units are not known."""
        return clip.label if self.task == "emotion" else annotated_text(clip.action_units, self.class_names)

    def predict(
        self, clips: Any, device: torch.device, batch_size: int = 16, on_model: Callable[[], object] = lambda: None
    ) -> Tensor:
        """Predict the mean of the models' probabilities.

        Args:
            clips: A dataset or a list of :class:`~torch_geometric.data.Data`.
            device: Device of the models.
            batch_size: Clips per batch.
            on_model: Called after each model.

        Returns:
            float64 ``[num_clips, C]``; rows sum to 1, unless the task is action units.
        """
        total = torch.zeros(len(clips), len(self.class_names), dtype=torch.float64)
        for probabilities in self.predict_each(clips, device, batch_size):
            total += probabilities
            on_model()
        return total / len(self.files)

    def predict_each(self, clips: Any, device: torch.device, batch_size: int = 16) -> Iterator[Tensor]:
        """Yield the probabilities of one model after another, each as from :meth:`predict`."""
        loader = DataLoader(clips, batch_size=batch_size)
        for file in self.files:
            log.debug("%s: applied to %d clip%s", file, len(clips), "" if len(clips) == 1 else "s")
            loaded = load_model(file, self.build_model)
            if (loaded.config.class_names or self.class_names) != self.class_names:
                raise ATMGCNError(f"{file}: has other classes than {self.files[0]}; predict with one of the two alone")
            if self.build_model is not None:
                check_output(loaded.model.to(device), next(iter(loader)), len(self.class_names))
            yield predict(accelerate(loaded.model.to(device)), loader, self.task)


def _card_of(metadata: dict[str, Any], file: Path) -> dict[str, Any] | None:
    try:
        return check_card(metadata["card"], file) if metadata.get("card") else None
    except ATMGCNError:  # atm-gcn info reports it
        return None


def data_of(
    frames: np.ndarray,
    apex_position: int,
    positions: Sequence[float],
    flow: np.ndarray | None = None,
    landmarks: np.ndarray | None = None,
) -> Data:
    """A clip as the models' input; the model builds its graph.

    Args:
        frames: uint8 RGB ``[L, H, W, 3]``, the onset first, L at least 2.
        apex_position: The apex's 0-based position among them, at least 1.
        positions: Position of each in time, in frames at the clip's rate; the first is 1.
        flow: Their optical flow and strain, ``[L, h, w, 3]``.
        landmarks: Of the face, ``[5, 2]`` in units of the picture's side.
    """
    images = torch.from_numpy(frames).permute(0, 3, 1, 2)  # [L, 3, H, W]
    data = Data(
        frames=images[1:],
        onset_frame=images[:1],
        pos=torch.tensor(positions[1:], dtype=torch.float32),
        global_index=torch.tensor([apex_position - 1]),
        num_nodes=len(images) - 1,
    )
    if flow is not None:
        data.flow = flow_tensor(flow)
        data.landmarks = landmarks_tensor(landmarks)
    return data
