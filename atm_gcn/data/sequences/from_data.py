"""A dataset of PyG, or a list of Data objects, as clips for training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import normal
from atm_gcn.data.sequences.apex import check_apex
from atm_gcn.data.sequences.attributes import number_of, shown, text_of, whole_number
from atm_gcn.data.sequences.checked_item import CheckedItem, check_item
from atm_gcn.data.sequences.sequence_store import SequenceStore
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.errors import ATMGCNError
from atm_gcn.terminal.progress import track

DATASET = "data"
"""Name of the dataset of subjects that have none."""


def from_dataset(
    dataset: Any, class_names: Sequence[str] | None = None, apex: str = "largest", path: Path | None = None
) -> SequenceStore:
    """Read every clip of a dataset once, and check it.

    Args:
        dataset: A dataset of PyG, or any sequence, of :class:`~torch_geometric.data.Data`, whose items are the same
            whenever they are read. Each has

            - ``x``: features ``[n, C]``, one row per frame after the onset; or ``frames`` ``[n, 3, H, W]`` and
              ``onset_frame`` ``[1, 3, H, W]``, RGB, uint8 or in 0..1;
            - ``y``: number of its class from 0, or ``label``: its class by name, or both;
            - ``subject``: whom it shows, a text or a whole number; ``"casme2/sub01"`` names the dataset too;
            - optionally ``dataset`` and ``clip``, names; ``pos`` ``[n]``, the time of each row in frames, where the
              onset would be 1, by default 2, 3, ...; ``global_index``, the row of the apex; ``edge_index`` and
              ``edge_slot``, a graph of its own.

            Other attributes are passed on to the model.
        class_names: The names of classes 0, 1, ...; by default ``dataset.classes``, the labels, or the numbers.
        apex: The global node of a clip without ``global_index``: ``"largest"``, the row with the largest norm, of
            frames the largest difference from the onset; ``"middle"``, or ``"first"``. With ``"none"``, no clip has a
            global node, and the graph only connects neighbours in time.
        path: The file that the clips come from, if any.

    Raises:
        ATMGCNError: If there is no clip, or one lacks a class or a subject, or does not fit; the message names it.
    """
    check_apex(apex)
    count = len(dataset)
    if not count:
        raise ATMGCNError("the data hold no clip; cross-validation needs clips of two subjects or more")
    if class_names is None:
        class_names = _classes_of(dataset)
    checked, records, numbers = [], [], []
    for index in track(range(count), "clips read"):
        data, where = dataset[index], f"item {index} of the data"
        if not hasattr(data, "get") or not hasattr(data, "num_nodes"):
            raise ATMGCNError(f"{where}: is a {type(data).__name__}; make it a torch_geometric.data.Data")
        records.append(_record(data, index, where))
        where = f"{where} (clip {records[-1].key})"
        checked.append(check_item(data, where, apex))
        numbers.append(_class_number(data, where, class_names))
    classes, labels = _classes(numbers, [record.label for record in records], class_names)
    clips = _stored(records, labels, checked)
    return SequenceStore(dataset, checked, clips, classes, path)


def _stored(records: Sequence[Clip], labels: Sequence[str], checked: Sequence[CheckedItem]) -> list[StoredClip]:
    clips: list[StoredClip] = []
    positions: dict[str, int] = {}
    first = 0
    for index, (record, label, one) in enumerate(zip(records, labels, checked, strict=True)):
        if record.key in positions:
            raise ATMGCNError(
                f"items {positions[record.key]} and {index} of the data are both clip {record.key}; give one another "
                "name in its attribute clip"
            )
        positions[record.key] = index
        apex = None if one.global_node is None else one.global_node + 1
        clip = Clip(record.dataset, record.subject, record.name, 0, apex, one.num_nodes, record.fps, label=label)
        clips.append(StoredClip(clip, first, one.num_nodes + 1, apex or 0, one.apex_source))
        first += one.num_nodes + 1
    return clips


def _record(data: Any, index: int, where: str) -> Clip:
    """The names of a clip; its frames are filled in later."""
    texts = {name: text_of(data.get(name), name, where) for name in ("subject", "dataset", "clip", "label")}
    subject, dataset = texts["subject"], texts["dataset"]
    if not subject:
        raise ATMGCNError(
            f"{where}: has no subject; set data.subject to the id of the person it shows, since subjects are held out"
        )
    if not dataset and "/" in subject:
        dataset, _, subject = subject.partition("/")
    dataset = dataset or DATASET
    if "/" in dataset or not subject:
        raise ATMGCNError(
            f"{where}: its dataset is {dataset!r} and its subject {subject!r}; name both, without a slash"
        )
    name = texts["clip"].removeprefix(f"{dataset}/{subject}/") or str(index)
    fps = number_of(data.get("fps"), "fps", where) or 0.0
    return Clip(dataset, subject, name, 0, None, 0, fps, label=texts["label"])


def _class_number(data: Any, where: str, names: Sequence[str] | None) -> int | None:
    y = data.get("y")
    if y is None:
        if not text_of(data.get("label"), "label", where):
            raise ATMGCNError(f"{where}: has no class; set data.y to its number from 0, or data.label to its name")
        return None
    number = whole_number(y)
    if number is None or number < 0:
        raise ATMGCNError(
            f"{where}: y must be the number of its class, one whole number from 0, not {shown(y)}; names of classes "
            "belong into label"
        )
    if names is not None and number >= len(names):
        raise ATMGCNError(
            f"{where}: y is {number}, and class_names has {len(names)}, 0 to {len(names) - 1} ({', '.join(names)}); "
            "correct y, or name every class"
        )
    return number


def _classes_of(dataset: Any) -> list[str] | None:
    """The names that a dataset gives its classes, as those of torchvision and MERDataset do."""
    names = getattr(dataset, "classes", None)
    return list(names) if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names) else None


def _classes(
    numbers: Sequence[int | None], labels: Sequence[str], names: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """The names of the classes, and the class of every clip."""
    if names is not None:
        classes = [normal(name) for name in names]
        pairs = enumerate(zip(numbers, labels, strict=True))
        return classes, [_named(number, label, classes, index) for index, (number, label) in pairs]
    if all(labels):
        return _from_labels(numbers, labels)
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        raise ATMGCNError("some clips have y and others only a label; give all clips one of the two")
    classes = [str(number) for number in range(max(known) + 1)]
    missing = sorted(set(range(len(classes))) - set(known))
    if missing:
        raise ATMGCNError(
            f"item {known.index(max(known))} of the data: y is {max(known)}, and no item has y {missing[0]}; number "
            "the classes 0, 1, ... without gaps"
        )
    return classes, [classes[number] for number in known]


def _named(number: int | None, label: str, classes: list[str], index: int) -> str:
    found = classes[number] if number is not None else label
    if found not in classes or label not in ("", found):
        raise ATMGCNError(
            f"item {index} of the data: its label is {label!r} and its y {number}, and the classes are {classes}; make "
            "them agree"
        )
    return found


def _from_labels(numbers: Sequence[int | None], labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """Classes by label: in the order of y where clips have both, else sorted."""
    if any(number is None for number in numbers):
        return sorted(set(labels)), list(labels)
    pairs = {(number, label) for number, label in zip(numbers, labels, strict=True) if number is not None}
    classes = [label for _, label in sorted(pairs)]
    if len(pairs) != len(set(labels)) or [number for number, _ in sorted(pairs)] != list(range(len(pairs))):
        found = ", ".join(f"{number} {label!r}" for number, label in sorted(pairs))
        raise ATMGCNError(f"y and label do not name the same classes, which are {found}; number the labels from 0")
    return classes, list(labels)
