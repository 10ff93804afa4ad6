"""Every setting of a run, checked: the model, the data and the training, in YAML and out of it."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.limits import SETTINGS_BYTES, read_limited
from atm_gcn.settings import merged, nested, read_settings, write_settings
from atm_gcn.settings.fields import (
    MOST_CLASSES,
    Channels,
    Epochs,
    Fraction,
    FrameRate,
    Names,
    Number,
    PositiveFloat,
    Tau,
    Whole,
)
from atm_gcn.settings.presets import PRESETS
from atm_gcn.settings.section import Section


class ModelConfig(Section):
    """Shape of an :class:`~atm_gcn.ATMGCN`.

    Args:
        num_classes: Classes C; None only until the data tell.
        class_names: One name a class, in the order of the logits.
        motion_channels: Size N_m of a motion feature (Eq. 2).
        hidden_channels: Width of the TM-GCN layers.
        num_blocks: CA blocks in the encoder, 1 to 4.
        stem_channels: Channels of the two stem convolutions.
        block_channels: Output channels of the CA blocks, in order.
        grid: The attended map is averaged to grid x grid cells before the last Linear.
        num_layers: TM-GCN layers N_G.
        window: w, neighbours on each side (Eq. 3).
        tau: Frames over which an edge weight falls by e (Eq. 7); ``.inf`` for weights that do not fall.
        lambda_local: Weight factor of edges out of local nodes (Eq. 8).
        lambda_global: Weight factor of edges out of the global node; larger than ``lambda_local``.
        normalize: Degree normalisation of the adjacency matrix.
        forgetting_rate: f_l of Eq. 10: one value, one per layer, or ``"learnable"``.
        adaptive_start: Where the FC of the first Adaptive-TM layer starts, see :class:`~atm_gcn.graph.AdaptiveTM`.
        heads: Attention heads of the readout.
        pooling: How the readout pools the nodes of a clip.
        dropout: Probability of zeroing an element between layers while training.
        use_motion: False feeds f_i instead of f_i - f_onset ("w/o motion" of Table IV).
        use_gcn: False skips the graph stack ("w/o GCN").
        adaptive: False lets A^(0) serve every layer ("w/o ATM").
        backend: Way to compute the weighted sum; see :mod:`atm_gcn.graph.propagate`.
    """

    num_classes: Annotated[Whole, Field(ge=2, le=MOST_CLASSES)] | None = None
    class_names: Names | None = None
    motion_channels: Channels = 512
    hidden_channels: Channels = 512
    num_blocks: Annotated[Whole, Field(ge=1, le=4)] = 4
    stem_channels: tuple[Channels, Channels] = (180, 128)
    block_channels: tuple[Channels, Channels, Channels, Channels] = (128, 128, 256, 512)
    grid: Annotated[Whole, Field(ge=1, le=64)] = 7
    num_layers: Annotated[Whole, Field(ge=1, le=256)] = 4
    window: Annotated[Whole, Field(ge=1, le=1024)] = 2
    tau: Tau = 10.0
    lambda_local: PositiveFloat = 0.5
    lambda_global: PositiveFloat = 1.0
    normalize: Literal["sym", "in"] | None = "sym"
    forgetting_rate: Fraction | list[Fraction] | Literal["learnable"] = 0.1
    adaptive_start: Literal["difference", "identity"] = "difference"
    heads: Annotated[Whole, Field(ge=1, le=1024)] = 4
    pooling: Literal["mean", "max"] = "mean"
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    use_motion: bool = True
    use_gcn: bool = True
    adaptive: bool = True
    backend: Literal["auto", "edges", "scatter", "banded", "csr"] = "auto"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.lambda_local >= self.lambda_global:
            raise ValueError(
                f"lambda_local must be less than lambda_global, {self.lambda_global:g}, not {self.lambda_local:g}"
            )
        rates, names = self.forgetting_rate, self.class_names
        if isinstance(rates, list) and len(rates) != self.num_layers:
            raise ValueError(f"forgetting_rate must have {self.num_layers} values, one per layer, not {len(rates)}")
        if names is not None and self.num_classes not in (None, len(names)):
            raise ValueError(f"class_names must have num_classes, {self.num_classes}, names, not {len(names)}")
        if self.block_channels[0] != self.stem_channels[1]:
            raise ValueError(
                f"block_channels must begin with the second of stem_channels, {self.stem_channels[1]}, "
                f"not {self.block_channels[0]}: the first block keeps its channels"
            )
        width = "hidden_channels" if self.use_gcn else "motion_channels"
        if getattr(self, width) % self.heads:
            raise ValueError(f"heads must divide {width}, {getattr(self, width)}, and {self.heads} does not")
        return self


class DataConfig(Section):
    """What ``prepare`` makes of a clip.

    Args:
        size: Height and width of a stored frame, in pixels.
        fps: Resample to this many frames a second; None keeps the frames as recorded.
        max_frames: Longest clip, in frames; a longer one is thinned evenly, keeping onset, apex and offset.
        face: ``"crop"`` finds the face in the onset frame and crops the whole clip to that one box; clips without a
            face are left out.
        apex: How to choose the apex where nobody annotated it.
        clock: What times the frames of a video: ``"stamps"`` its time stamps, ``"fps"`` the frame rate of the
            annotation, for videos that play slower than they were recorded. Folders of frames have no time stamps.
        classes: The labels in the order of the logits; None takes those that occur, sorted.
        similar_subjects: What to do with ids of subjects, or names of datasets, that are likely to mean the same, such
            as ``s01`` and ``S01``: ``"same"`` gives all the usual spelling, ``"distinct"`` takes them for different
            people.
        similar_labels: The same for labels, such as ``Positive`` and ``positive``.
        shared_recordings: Whether one recording may show several subjects, one after another.
        similar_pictures: Whether pictures of two subjects that look like one moment of one recording are refused in
            training, or taken for ``"distinct"`` people.
    """

    size: Annotated[Whole, Field(ge=16, le=2048)] = 224
    fps: FrameRate | None = None
    max_frames: Annotated[Whole, Field(ge=2, le=100_000)] = 128
    face: Literal["none", "crop"] = "none"
    apex: Literal["max-motion", "middle"] = "max-motion"
    clock: Literal["stamps", "fps"] = "stamps"
    classes: Names | None = None
    similar_subjects: Literal["refuse", "same", "distinct"] = "refuse"
    similar_labels: Literal["refuse", "same", "distinct"] = "refuse"
    shared_recordings: Literal["refuse", "allow"] = "refuse"
    similar_pictures: Literal["refuse", "distinct"] = "refuse"


DECISIONS = {
    "similar_subjects": "distinct",
    "similar_labels": "distinct",
    "shared_recordings": "allow",
    "similar_pictures": "distinct",
}
"""Settings of the data that change no frame, and the value that can still be chosen once a frame store is made."""


class TrainConfig(Section):
    """How one fold is trained. See section IV.B.2 of the paper for the defaults that it fixes.

    Args:
        epochs: Passes over the training subjects.
        batch_size: Clips per optimiser step.
        max_frames: Most frames that go through the network at once, the onset frames not counted. A step's clips are
            cut into as many passes as that takes, and their gradients added up: the step is that of all its clips
            together, but for batch norm, which sees one pass at a time. A longer clip makes a pass of its own. None
            takes all clips of a step at once.
        lr: AdamW's first learning rate.
        lr_decay: Factor on the learning rate after every epoch.
        weight_decay: AdamW's decoupled weight decay.
        focal_gamma: Exponent of the focal loss; 0 is cross-entropy.
        class_weights: ``"balanced"`` weights a class by its inverse frequency among the training clips.
        crop: Largest random shift of the picture, as a fraction of its side, one for all frames of a clip.
        flip: Mirror a clip with probability 0.5.
        jitter: Largest relative change of brightness, contrast and saturation, one for all frames of a clip.
        protocol: Who is held out: ``"loso"`` one subject at a time, ``"kfold"`` a share of the subjects at a time,
            ``"cross"`` whole datasets, ``"all"`` nobody.
        folds: Number of folds of ``"kfold"``.
        test: Datasets that ``"cross"`` holds out; None where they lie in a frame store of their own.
        validation_subjects: Subjects set apart from the training ones to choose the epoch; 0 takes the last epoch.
        select: What they choose it by: the highest UF1 or the lowest cross-entropy.
        patience: Epochs without a better one after which training stops; None goes through all.
        seed: Seed of the run; every fold's own seed derives from it and the fold's name.
        seeds: Trainings of every fold, with the seeds ``seed``, ``seed + 1``, ...
        device: ``"auto"`` takes a GPU where there is one.
        devices: Devices that train one fold together, each a part of every step's clips.
        num_workers: Processes that read clips.
        threads: CPU threads that one fold computes with. Sums are taken in another order with another number, so the
            last bits of a result depend on it; on nothing else of how folds are shared out, not on ``--jobs``. None
            takes one per core, at most 4; a run records the number, and resumes with it on any machine.
        save_every: Epochs after which the state of a fold is written, for ``--resume``.
        tensorboard: Write the log for TensorBoard too.
        gpus_per_fold: Share of a GPU that Ray is asked for, for each fold.
        sync_batchnorm: Where several devices train one fold, take batch norm's statistics over all of them.
        precision: Of the encoder's convolutions; everything after them is float32. ``"auto"`` takes bfloat16 where the
            device has instructions for it. Predictions follow the same rule.
        compile: Compile the encoder with torch.compile; ``"auto"`` does where the fold is long enough to pay for it.
        checkpoint: Keep a third of the forward pass's memory, and compute the rest again in the backward pass;
            ``"auto"`` does where the memory of the machine would not hold a step otherwise.
        channels_last: Keep images in memory pixel by pixel rather than channel by channel.
    """

    epochs: Epochs = 50
    batch_size: Annotated[Whole, Field(ge=1, le=65_536)] = 16
    lr: Annotated[Number, Field(gt=0, le=1e30)] = 1e-4
    lr_decay: Annotated[Number, Field(gt=0, le=1)] = 0.95
    weight_decay: Annotated[Number, Field(ge=0, le=1000)] = 0.01
    focal_gamma: Annotated[Number, Field(ge=0, le=100)] = 2.0
    class_weights: Literal["balanced"] | None = None
    crop: Annotated[Number, Field(ge=0, lt=0.5)] = 0.0
    flip: bool = False
    jitter: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    protocol: Literal["loso", "kfold", "cross", "all"] = "loso"
    folds: Annotated[Whole, Field(ge=2, le=10_000)] = 5
    test: Names | None = None
    validation_subjects: Annotated[Whole, Field(ge=0, le=10_000)] = 0
    select: Literal["uf1", "loss"] = "uf1"
    patience: Epochs | None = None
    seed: Annotated[Whole, Field(ge=-(2**63), le=2**63 - 1)] = 0
    seeds: Annotated[Whole, Field(ge=1, le=1000)] = 1
    device: str = "auto"
    devices: Annotated[Whole, Field(ge=1, le=1024)] = 1
    num_workers: Annotated[Whole, Field(ge=0, le=64)] = 0
    threads: Annotated[Whole, Field(ge=1, le=1024)] | None = None
    save_every: Epochs = 5
    tensorboard: bool = False
    gpus_per_fold: PositiveFloat = 1.0
    sync_batchnorm: bool = False
    max_frames: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    compile: bool | Literal["auto"] = "auto"
    checkpoint: bool | Literal["auto"] = "auto"
    channels_last: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.patience and not self.validation_subjects:
            raise ValueError("patience needs validation_subjects of at least 1: nobody else may choose the epoch")
        if self.test is not None and self.protocol != "cross":
            raise ValueError(f"test must be null unless protocol is cross, and it is {self.protocol}")
        if self.test == []:
            raise ValueError("test must name at least one dataset, not []")
        if self.protocol == "all" and self.seeds > 1:
            raise ValueError(f"seeds must be 1 where protocol is all, which makes one model, not {self.seeds}")
        return self


class RunConfig(Section):
    """A whole run: ``RunConfig.preset("small")``, ``RunConfig.load("config.yaml")``, or both with overrides."""

    model: ModelConfig = ModelConfig()
    data: DataConfig = DataConfig()
    train: TrainConfig = TrainConfig()

    @classmethod
    def preset(cls, name: str) -> Self:
        """The settings of section IV.B for small or large datasets, or a small one for a CPU.

        Raises:
            ATMGCNError: If there is no such preset.
        """
        if name not in PRESETS:
            raise ATMGCNError(f"preset must be {either(PRESETS)}, not {name!r}{did_you_mean(name, PRESETS)}")
        return cls.model_validate(PRESETS[name])

    @classmethod
    def load(cls, path: str | Path, base: Self | None = None, overrides: list[str] | tuple[str, ...] = ()) -> Self:
        """Read YAML, over the settings of ``base`` and under ``overrides`` such as ``"train.epochs=3"``.

        Raises:
            ATMGCNError: If the file is not YAML, or a key is unknown, or a value does not fit.
        """
        path = Path(path)
        try:
            content = read_limited(path, SETTINGS_BYTES)
            if content is None:
                raise ATMGCNError(f"{path}: holds more than {SETTINGS_BYTES:,} bytes; is it a file of settings?")
            settings = read_settings(content.decode())
        except OSError as error:
            raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise ATMGCNError(f"{path}: is not YAML ({error}); save it as UTF-8") from error
        except ValueError as error:
            raise ATMGCNError(f"{path}: {error}") from error
        if not isinstance(settings, dict | None):
            raise ATMGCNError(f"{path}: holds no settings; write sections such as 'train:' with keys below them")
        return (base or cls()).merge(settings or {}, where=str(path)).override(overrides)

    def merge(self, settings: dict[str, Any], where: str = "settings") -> Self:
        """A copy with the given nested settings instead of its own.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit; the message begins with ``where``.
        """
        return self.checked(merged(self.model_dump(), settings), where)

    def override(self, assignments: list[str] | tuple[str, ...]) -> Self:
        """A copy with assignments such as ``"train.lr=3e-4"`` made, one after another; values are read as YAML.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit.
        """
        settings: dict[str, Any] = {}
        for assignment in assignments:
            settings = merged(settings, nested(assignment, type(self)))
        return self.merge(settings, where="--set") if settings else self

    def to_yaml(self) -> str:
        """The settings as YAML, every default written out."""
        return write_settings(self.model_dump(mode="json"))
