"""Settings of the training, in the sections ``optim``, ``augment``, ``protocol`` and ``compute``."""

from itertools import starmap
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from atm_gcn.config import flat_keys
from atm_gcn.config.fields import Epochs, Names, Number, PositiveFloat, Units, Whole
from atm_gcn.config.section import Section
from atm_gcn.defaults import LEAST_UNIT_CLIPS


class OptimConfig(Section):
    """Optimiser, learning rate and loss. See section IV.B.2 of the paper for the defaults that it fixes.

    Args:
        epochs: Passes over the training subjects.
        batch_size: Clips per optimiser step.
        optimizer: ``"adamw"``, which without weight decay is Adam, or ``"sgd"`` with Nesterov's momentum of 0.9.
        lr: First learning rate.
        lr_decay: Factor on the learning rate after every epoch.
        lr_decay_epochs: Epochs after which ``lr_decay`` ends; None decays throughout.
        lr_drops: Epochs before which the learning rate is divided by 10.
        weight_decay: Weight decay, decoupled in AdamW.
        focal_gamma: Exponent of the focal loss; 0 is cross-entropy.
        class_weights: ``"balanced"`` weights a class by its inverse frequency among the training clips; of an action
            unit, the clips that have it and those that lack it count equally together.
        label_smoothing: Share of a clip's target that is spread evenly over all classes.
        average_epochs: Number of last epochs (at most all) of whose weights the model is the mean, with the statistics
            of batch norm computed again; 0 takes the weights of the last epoch.
        auxiliary_weight: Weight in the loss of a clip of ``protocol.auxiliary``, beside 1 for any other clip.
        adaptive_lr: Factor on the learning rate of what adapts the edge weights: FC and f_l of Adaptive-TM, and tau and
            lambda where they are learnt.
    """

    epochs: Epochs = 50
    batch_size: Annotated[Whole, Field(ge=1, le=65_536)] = 16
    optimizer: Literal["adamw", "sgd"] = "adamw"
    lr: Annotated[Number, Field(gt=0, le=1e30)] = 1e-4
    lr_decay: Annotated[Number, Field(gt=0, le=1)] = 0.95
    lr_decay_epochs: Epochs | None = None
    lr_drops: list[Epochs] = Field(default_factory=list)
    weight_decay: Annotated[Number, Field(ge=0, le=1000)] = 0.01
    focal_gamma: Annotated[Number, Field(ge=0, le=100)] = 2.0
    class_weights: Literal["balanced"] | None = None
    label_smoothing: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    average_epochs: Annotated[Whole, Field(ge=0, le=100_000)] = 0
    auxiliary_weight: Annotated[Number, Field(gt=0, le=1000)] = 1.0
    adaptive_lr: Annotated[Number, Field(gt=0, le=1e6)] = 1.0


class AugmentConfig(Section):
    """Augmentation of the training clips, the same for all frames of a clip.

    Args:
        crop: Largest random shift of the picture, as a fraction of its side.
        flip: Mirror a clip with probability 0.5; optical flow is mirrored with the opposite u. ``"flow"`` does so also
            where the flow comes as frames: pictures with u in the first channel, where 0 is the largest
            movement to the left.
        rotate: Largest random rotation of the picture, in degrees.
        jitter: Largest relative change of brightness, contrast and saturation.
    """

    crop: Annotated[Number, Field(ge=0, lt=0.5)] = 0.0
    flip: bool | Literal["flow"] = False
    rotate: Annotated[Number, Field(ge=0, le=45)] = 0.0
    jitter: Annotated[Number, Field(ge=0, lt=1)] = 0.0


class ProtocolConfig(Section):
    """Which clips are held out, how the epoch is chosen, and the seeds.

    Args:
        kind: What is held out: ``"loso"`` one subject at a time, ``"kfold"`` a share of the subjects at a time,
            ``"cross"`` whole datasets, ``"lodo"`` one dataset at a time, ``"all"`` nothing.
        folds: Number of folds of ``"kfold"``.
        test: Datasets that ``"cross"`` holds out; None if they lie in a frame store of their own.
        units: Action units of the task ``"action-units"``, by number; None for those of
            :data:`~atm_gcn.data.action_units.reading.UNITS` that have enough training clips in at least one fold.
        least_unit_clips: Training clips with a unit that are enough for it to be learnt in a fold. With fewer, it is
            never predicted there, and its clips count as missed.
        validation_subjects: Training subjects set apart to choose the epoch; 0 takes the last epoch.
        select: What they choose it by: the highest UF1, of action units their mean F1, or the lowest cross-entropy.
        patience: Epochs without a better one after which training stops; None trains all epochs.
        seed: Seed of the run; every fold's own seed derives from it and the fold's name.
        seeds: Trainings of every fold, with the seeds ``seed``, ``seed + 1``, ...
        auxiliary: Data whose clips train along in every fold, but for those of the people who are held out there
            (``--with``); None for no such data. None of its clips is tested.
        init_from: Folder of a run of other data from whose models the folds start (``--init-from``), each from one that
            was trained on nobody who is held out in the fold; None starts from random weights.
        audit_peeking: Whether the log also gets the held-out clips' predicted classes after every epoch, by which
            ``atm-gcn compare --audit-peeking`` shows what choosing an epoch on them would have reported. They choose
            nothing.
    """

    kind: Literal["loso", "kfold", "cross", "lodo", "all"] = "loso"
    folds: Annotated[Whole, Field(ge=2, le=10_000)] = 5
    test: Names | None = None
    units: Units | None = None
    least_unit_clips: Annotated[Whole, Field(ge=1, le=1_000_000)] = LEAST_UNIT_CLIPS
    validation_subjects: Annotated[Whole, Field(ge=0, le=10_000)] = 0
    select: Literal["uf1", "loss"] = "uf1"
    patience: Epochs | None = None
    seed: Annotated[Whole, Field(ge=-(2**63), le=2**63 - 1)] = 0
    seeds: Annotated[Whole, Field(ge=1, le=1000)] = 1
    auxiliary: str | None = None
    init_from: str | None = None
    audit_peeking: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.patience and not self.validation_subjects:
            raise ValueError("patience needs validation_subjects of at least 1: only they may choose the epoch")
        if self.test is not None and self.kind != "cross":
            raise ValueError(f"test must be null unless kind is cross, and it is {self.kind}")
        if self.test == []:
            raise ValueError("test must name at least one dataset, not []")
        if self.kind == "all" and self.seeds > 1:
            raise ValueError(f"seeds must be 1 if kind is all, which trains one model, not {self.seeds}")
        return self


class ComputeConfig(Section):
    """Where and how a fold computes, and what it writes.

    Args:
        device: ``"auto"`` takes a GPU if there is one.
        devices: Devices that train one fold together, each with a part of every step's clips.
        num_workers: Processes that read clips.
        threads: CPU threads that one fold computes with. The order of sums depends on it, and so the last bits of a
            result; they depend on nothing else of how folds are distributed, not on ``--jobs``. None takes one per
            core, at most 4; a run records the number, and resumes with it on any machine.
        save_every: Epochs after which the state of a fold is saved, for ``--resume``; less often where saving would
            take more than a tenth of the time.
        save_models: Keep the model of every fold; without them a run has scores, but nothing to predict with.
        tensorboard: Write the log for TensorBoard too.
        gpus_per_fold: Share of a GPU that is requested from Ray for each fold.
        sync_batchnorm: If several devices train one fold, compute the statistics of batch norm over all of them.
        frames_per_pass: Most frames that go through the network at once, the onset frames not counted. The clips of a
            step are divided into as many passes as that takes, and their gradients are added: the result is that of one
            pass, except for batch norm, whose statistics are those of each pass. A longer clip makes a pass of its own.
            None takes all clips of a step at once.
        precision: Of the encoder's convolutions; everything after them is float32. ``"auto"`` takes bfloat16 if the
            device has instructions for it. Predictions follow the same rule. Peers without such an encoder compute in
            float32.
        compile: Compile the encoder with torch.compile; ``"auto"`` does if the fold is long enough to pay for it.
        checkpoint: Keep a third of the forward pass's activations, and recompute the others in the backward pass;
            ``"auto"`` does if a step would not fit into the machine's memory otherwise.
        channels_last: Use the memory format ``torch.channels_last`` for images; ``"auto"`` does for an encoder of 32
            channels or more everywhere, since batch norm of fewer is slow in it on a CPU.
    """

    device: str = "auto"
    devices: Annotated[Whole, Field(ge=1, le=1024)] = 1
    num_workers: Annotated[Whole, Field(ge=0, le=64)] = 0
    threads: Annotated[Whole, Field(ge=1, le=1024)] | None = None
    save_every: Epochs = 5
    save_models: bool = True
    tensorboard: bool = False
    gpus_per_fold: PositiveFloat = 1.0
    sync_batchnorm: bool = False
    frames_per_pass: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    compile: bool | Literal["auto"] = "auto"
    checkpoint: bool | Literal["auto"] = "auto"
    channels_last: bool | Literal["auto"] = "auto"


class TrainConfig(Section):
    """How the folds of a run are trained and tested.

    The flat keys of versions up to 0.1, such as ``lr`` for ``optim.lr``, are understood too.
    """

    optim: OptimConfig = OptimConfig()
    augment: AugmentConfig = AugmentConfig()
    protocol: ProtocolConfig = ProtocolConfig()
    compute: ComputeConfig = ComputeConfig()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.optim.average_epochs and self.protocol.validation_subjects:
            raise ValueError(
                "optim.average_epochs takes the mean of the last epochs, and protocol.validation_subjects chooses one "
                "of them; set one of the two to 0"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _move_flat_keys(cls, settings: Any) -> Any:
        if not isinstance(settings, dict) or not any(starmap(flat_keys.is_flat, settings.items())):
            return settings
        plain = {
            key: value.model_dump(exclude_unset=True) if isinstance(value, Section) else value
            for key, value in settings.items()
        }
        current, flat = flat_keys.separate(plain)
        flat_keys.note(flat)
        return flat_keys.combine(current, flat)
