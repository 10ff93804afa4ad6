"""The variants of the model that are compared: names, settings, and why each might help."""

from dataclasses import dataclass, field, replace
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.errors import ATMGCNError, did_you_mean, either

Settings = dict[str, dict[str, Any]]

BASE: dict[str, Any] = {
    "model": {"num_layers": 2, "window": 1, "hidden_channels": 32, "heads": 4},
    "train": {
        "optim": {"epochs": 20, "lr": 4e-3, "lr_decay": 0.9, "batch_size": 24},
        "augment": {"crop": 0.0, "jitter": 0.0},
        "compute": {"threads": 1, "device": "cpu", "precision": "float32", "compile": False, "checkpoint": False},
    },
}
"""What all variants share: the sizes and the schedule of the ablation page, on features of 32 channels."""

WITHOUT: dict[str, dict[str, Any]] = {"w/o GCN": {"use_gcn": False}, "w/o ATM": {"adaptive": False}}
"""Parts that ``NAME w/o PART`` takes out of any variant."""


@dataclass(frozen=True)
class Variant:
    """A variant of the model.

    Args:
        reason: Why it might help.
        model: Settings of :class:`~atm_gcn.ModelConfig` over the shared ones.
        optim: Those of the section ``train.optim``.
        departs: Whether it departs from what the text of the paper fixes.
    """

    reason: str
    model: dict[str, Any] = field(default_factory=dict)
    optim: dict[str, Any] = field(default_factory=dict)
    departs: bool = False

    @property
    def settings(self) -> Settings:
        return {"model": self.model, "optim": self.optim}


PAPER = {"adaptive_start": "identity", "forgetting_rate": 0.5}
GCNII = PAPER | {"layer": "gcnii"}
MIXED = PAPER | {"adaptive_start": "mixed"}
TWO_HEADS = MIXED | {"adaptive_heads": 2}
FASTER = {"adaptive_lr": 10}

VARIANTS: dict[str, Variant] = {
    "paper": Variant("FC starts at the identity, f_l 0.5: the weights of Eq. 6-8 in every layer.", PAPER),
    "difference": Variant(
        "FC starts as a difference in time, f_l 0.1: order can be told from the first step.",
        {"adaptive_start": "difference", "forgetting_rate": 0.1},
    ),
    "gcnii": Variant("Initial residual and identity mapping keep a node's own feature beside the aggregate.", GCNII),
    "gcnii, input": Variant(
        "The same with the graph's input beside its output, as the group's earlier code has it.",
        GCNII | {"concatenate_input": True},
    ),
    "paper, input": Variant(
        "The readout sees what w/o GCN sees, so that the graph can only add to it.",
        PAPER | {"concatenate_input": True},
        departs=True,
    ),
    "residual": Variant(
        "Normalised residual layers: each adds to its input.", PAPER | {"layer": "residual"}, departs=True
    ),
    "2 heads": Variant(
        "Half of the channels start with the weights of Eq. 6-8, half as a difference: similarity and order.",
        TWO_HEADS,
        departs=True,
    ),
    "4 heads": Variant(
        "A quarter starts with the weights of Eq. 6-8, the others as difference, forward and backward edges.",
        MIXED | {"adaptive_heads": 4},
        departs=True,
    ),
    "adaptive lr": Variant("FC learns ten times as fast, so that it leaves the identity.", PAPER, FASTER, departs=True),
    "learnable f_l": Variant("Each layer finds how much of A^(0) it keeps.", PAPER | {"forgetting_rate": "learnable"}),
    "learnable weighting": Variant(
        "tau and the lambdas fit the data.", PAPER | {"learnable_weighting": True}, departs=True
    ),
    "attention pooling": Variant("Pooling learns which nodes count.", PAPER | {"pooling": "attention"}),
    "apex pooling": Variant(
        "The class is read from the global node, to which all edges lead.", PAPER | {"pooling": "apex"}, departs=True
    ),
    "mean-apex pooling": Variant(
        "The global node's feature beside the mean.", PAPER | {"pooling": "mean-apex"}, departs=True
    ),
    "max pooling": Variant("One strong node suffices.", PAPER | {"pooling": "max"}),
    "dropout": Variant("Few clips: regularised.", PAPER | {"dropout": 0.3}),
    "weight decay": Variant("Few clips: regularised.", PAPER, {"weight_decay": 0.3}),
    "label smoothing": Variant("Labels of expressions are uncertain.", PAPER, {"label_smoothing": 0.1}, departs=True),
    "averaging": Variant(
        "The mean of the weights of the last epochs varies less.", PAPER, {"average_epochs": 10}, departs=True
    ),
    "2 heads, mean-apex": Variant(
        "Order and similarity, and a readout that knows the apex where it is right and the mean where it is not.",
        TWO_HEADS | {"pooling": "mean-apex"},
        departs=True,
    ),
    "2 heads, gcnii, input": Variant(
        "Order and similarity, without losing the nodes' own features.",
        TWO_HEADS | {"layer": "gcnii", "concatenate_input": True},
        departs=True,
    ),
    "2 heads, gcnii, mean-apex": Variant(
        "Order, similarity, own features, and the apex.",
        TWO_HEADS | {"layer": "gcnii", "pooling": "mean-apex"},
        departs=True,
    ),
    "2 heads, residual, mean-apex": Variant(
        "The same with residual layers.",
        TWO_HEADS | {"layer": "residual", "pooling": "mean-apex"},
        departs=True,
    ),
    "2 heads, residual, mean-apex, averaging": Variant(
        "The same, with a calmer end of training.",
        TWO_HEADS | {"layer": "residual", "pooling": "mean-apex", "dropout": 0.2},
        {"average_epochs": 10, "label_smoothing": 0.1},
        departs=True,
    ),
    "residual, mean-apex, adaptive lr": Variant(
        "FC that leaves the identity quickly, in layers that keep a node's own feature, and the apex.",
        PAPER | {"layer": "residual", "pooling": "mean-apex"},
        FASTER,
        departs=True,
    ),
    "2 heads, residual, mean-apex, adaptive lr": Variant(
        "The same with a head for order.",
        TWO_HEADS | {"layer": "residual", "pooling": "mean-apex"},
        FASTER,
        departs=True,
    ),
    "2 heads, gcnii, mean-apex, adaptive lr": Variant(
        "The same with the initial residual.",
        TWO_HEADS | {"layer": "gcnii", "pooling": "mean-apex"},
        FASTER,
        departs=True,
    ),
    "2 heads, residual, apex, adaptive lr": Variant(
        "The class is read from the global node alone.",
        TWO_HEADS | {"layer": "residual", "pooling": "apex"},
        FASTER,
        departs=True,
    ),
    "2 heads, gcnii, apex, adaptive lr": Variant(
        "The same with the initial residual.",
        TWO_HEADS | {"layer": "gcnii", "pooling": "apex"},
        FASTER,
        departs=True,
    ),
}


def variant_named(name: str) -> Variant:
    """A variant of the table, or one of them without a part: ``"paper w/o GCN"``.

    Raises:
        ATMGCNError: If there is none of that name.
    """
    for part, settings in WITHOUT.items():
        if name.endswith(f" {part}"):
            whole = variant_named(name.removesuffix(f" {part}"))
            return replace(whole, reason=f"Table IV: {part}.", model=whole.model | settings)
    if name not in VARIANTS:
        raise ATMGCNError(f"variant must be {either(VARIANTS)}, not {name!r}{did_you_mean(name, VARIANTS)}")
    return VARIANTS[name]


def by_nearness() -> list[str]:
    """The names of the table, the variant nearest to the text of the paper first.

    Those that stay within it come before those that depart from it; within both, the fewest settings that differ from
    ``"paper"`` come first, in the order of the table.
    """

    def distance(name: str) -> tuple[bool, int]:
        variant = VARIANTS[name]
        changed = [key for key, value in variant.model.items() if PAPER.get(key) != value]
        return variant.departs, len(changed) + len(variant.optim)

    return sorted(VARIANTS, key=distance)


def config_of(variant: Variant) -> RunConfig:
    """The settings of a variant.

    Raises:
        ATMGCNError: If this version has no such setting.
    """
    base = RunConfig.preset("small").merge(BASE)
    return base.merge({"model": variant.model, "train": {"optim": variant.optim}}, "variant")


def lacking(name: str) -> str:
    """Why this version cannot train a variant; empty if it can."""
    try:
        config_of(variant_named(name))
    except ATMGCNError as error:
        return str(error)
    return ""
