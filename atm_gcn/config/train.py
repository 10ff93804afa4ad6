"""Settings of the training."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from atm_gcn.config.fields import Epochs, Names, Number, PositiveFloat, Whole
from atm_gcn.config.section import Section


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
