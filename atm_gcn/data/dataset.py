"""The clips of a frame store as a dataset of PyTorch Geometric."""

import copy
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor
from torch_geometric.data import Data, Dataset

from atm_gcn.data.store.clip_data import apex_only
from atm_gcn.data.store.clip_store import ClipStore, View
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.errors import ATMGCNError, some_of

KEPT_BYTES = 256e6
"""Maximum size of the clips that a dataset keeps in memory."""


class KeptClips:
    """Clips in memory, by their place in the store; a dataset and its selections share them."""

    def __init__(self) -> None:
        self.clips: dict[int, Data] = {}
        self.free = KEPT_BYTES

    def add(self, index: int, data: Data) -> bool:
        """Keep a clip if there is room for it."""
        tensors = (value for value in data.to_dict().values() if isinstance(value, Tensor))
        size = sum(value.numel() * value.element_size() for value in tensors)
        if size <= self.free:
            self.clips[index] = data
            self.free -= size
        return index in self.clips


class MERDataset(Dataset):
    r"""One :class:`~torch_geometric.data.Data` per clip, for :class:`torch_geometric.loader.DataLoader`.

    A clip of L frames has n = L - 1 motion nodes; node t is frame t + 2, and the onset is frame 1.

    Args:
        store (str, Path or ClipStore): The frame store, or other clips, such as those of
            :func:`~atm_gcn.data.load_features`; these determine what a clip holds.
        window (int): w, neighbours on each side in the graph (Eq. 3). (default: :obj:`1`)
        subjects (Collection[str], optional): Keys of the subjects whose clips to take, such as ``"casme2/sub01"``;
            all by default.
        transform (Callable, optional): Applied to every :class:`~torch_geometric.data.Data` that is read.
        view (str, optional): Of a frame store with optical flow, ``"frames"`` leaves out the flow, and ``"flow"`` the
            frames; both are read by default.
        nodes (str, optional): ``"apex"`` leaves all nodes of a clip out but that of its apex frame, for networks that
            read no more. (default: :obj:`"clip"`)
        keep (bool, optional): Keep clips in memory once they are read, as many as fit into 256 MB, for trainings of
            many epochs. A ``transform`` must not change tensors in place then. (default: :obj:`False`)

    Shapes of a clip of a frame store:
        - **frames**: uint8 RGB :math:`(n, 3, H, W)`, channels last in memory
        - **onset_frame**: uint8 RGB :math:`(1, 3, H, W)`
        - **flow**: float32 :math:`(n, 3, h, w)`, u, v and strain of every frame against the onset, of a store that has
          optical flow (:meth:`~atm_gcn.data.FrameStore.flow`)
        - **landmarks**: float32 :math:`(1, 5, 2)`, eyes, nose and corners of the mouth in the onset, x and y as shares
          of the side, of a store with ``face="crop"`` or ``"align"``; NaN if none were found
        - **depth**: float32 :math:`(n, 1, H, W)`, in standard deviations of the onset's depth from its mean, of a store
          that has depth (:meth:`~atm_gcn.data.FrameStore.depth`); left out with the view ``"flow"``
        - **pos**: float32 :math:`(n)`, when the frame is shown, in frames at the clip's rate; the onset's would be 1
        - **global_index**: int64 :math:`(1)`, the apex frame's node
        - **edge_index**, **edge_slot**: int64 :math:`(2, E)`, :math:`(E)`
        - **y**: int64 :math:`(1)`
        - **subject**, **clip**: their keys

    ``dataset[indices]`` selects clips as every dataset of PyG does.
    """

    def __init__(
        self,
        store: str | Path | ClipStore,
        window: int = 1,
        subjects: Collection[str] | None = None,
        transform: Callable[[Data], Data] | None = None,
        view: View | None = None,
        nodes: Literal["clip", "apex"] = "clip",
        keep: bool = False,
    ) -> None:
        super().__init__(transform=transform)
        self.nodes = nodes
        self._kept = KeptClips() if keep else None
        self.store = FrameStore.open(store) if isinstance(store, str | Path) else store
        self.window = window
        self.view = view if getattr(self.store, "has_flow", False) else None
        if subjects is not None:
            self._indices = self._clips_of(subjects)

    @property
    def classes(self) -> list[str]:
        """The labels in the order of the logits."""
        return self.store.classes

    @property
    def num_classes(self) -> int:
        """Number of classes of the store, whichever clips are selected."""
        return len(self.store.classes)

    @property
    def labels(self) -> Tensor:
        """Class of every selected clip, int64 ``[num_clips]``, without reading a frame."""
        return torch.tensor([self._label(index) for index in self.indices()], dtype=torch.int64)

    @property
    def subjects(self) -> list[str]:
        """Subject's key of every selected clip."""
        return [self.store.clips[index].clip.subject_key for index in self.indices()]

    @property
    def num_frames(self) -> list[int]:
        """Frames L of every selected clip that are read, the onset included."""
        if self.nodes == "apex":
            return [2] * len(self)
        return [self.store.clips[index].num_frames for index in self.indices()]

    def len(self) -> int:
        """Clips in the store."""
        return len(self.store)

    def get(self, idx: int) -> Data:
        """The clip in row ``idx`` of the store's manifest."""
        if self._kept is None:
            return self._read(idx)
        if idx not in self._kept.clips:
            data = self._read(idx)
            if not self._kept.add(idx, data):
                return data
        return copy.copy(self._kept.clips[idx])

    def _read(self, index: int) -> Data:
        data = self.store.item(index, self.window, *([] if self.view is None else [self.view]))
        return apex_only(data) if self.nodes == "apex" else data

    @property
    def is_kept(self) -> bool:
        """Whether all selected clips are in memory."""
        return self._kept is not None and self._kept.clips.keys() >= set(self.indices())

    def _label(self, index: int) -> int:
        return self.store.classes.index(self.store.clips[index].clip.label)

    def _clips_of(self, subjects: Collection[str]) -> list[int]:
        unknown = sorted(set(subjects) - set(self.store.subjects))
        if unknown:
            raise ATMGCNError(
                f"{self.store.name}: has no subject {unknown[0]!r}; it has {some_of(self.store.subjects)}"
            )
        wanted = set(subjects)
        return [index for index, stored in enumerate(self.store.clips) if stored.clip.subject_key in wanted]
