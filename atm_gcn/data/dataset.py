"""The clips of a frame store as a dataset of PyTorch Geometric."""

from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data, Dataset

from atm_gcn.data.store.clip_store import ClipStore
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.graph.topology import Topology, build_topology


class MERDataset(Dataset):
    r"""One :class:`~torch_geometric.data.Data` per clip, for :class:`torch_geometric.loader.DataLoader`.

    A clip of L frames has n = L - 1 motion nodes; node t is frame t + 2, and the onset is frame 1.

    Args:
        store (str, Path or ClipStore): The frame store.
        window (int): w, neighbours on each side in the graph (Eq. 3). (default: :obj:`1`)
        subjects (Collection[str], optional): Keys of the subjects whose clips to take, such as ``"casme2/sub01"``;
            all by default.
        transform (Callable, optional): Applied to every :class:`~torch_geometric.data.Data` that is read.

    Shapes of a clip:
        - **frames**: uint8 RGB :math:`(n, 3, H, W)`, channels last in memory
        - **onset_frame**: uint8 RGB :math:`(1, 3, H, W)`
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
    ) -> None:
        super().__init__(transform=transform)
        self.store = FrameStore.open(store) if isinstance(store, str | Path) else store
        self.window = window
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
        """Frames L of every selected clip, the onset included."""
        return [self.store.clips[index].num_frames for index in self.indices()]

    def len(self) -> int:
        """Clips in the store."""
        return len(self.store)

    def get(self, idx: int) -> Data:
        """The clip in row ``idx`` of the store's manifest."""
        stored = self.store.clips[idx]
        num_nodes, global_node = stored.num_frames - 1, stored.apex_position - 1
        edge_index, edge_slot, _ = _topology(num_nodes, global_node, self.window)
        frames = torch.from_numpy(self.store.read(idx)).permute(0, 3, 1, 2)  # [L, 3, H, W]
        return Data(
            frames=frames[1:],
            onset_frame=frames[:1],
            pos=torch.from_numpy(self.store.positions(idx)[1:].astype(np.float32)),
            global_index=torch.tensor([global_node]),
            edge_index=edge_index,
            edge_slot=edge_slot,
            num_nodes=num_nodes,
            y=torch.tensor([self._label(idx)]),
            subject=stored.clip.subject_key,
            clip=stored.clip.key,
        )

    def _label(self, index: int) -> int:
        return self.store.classes.index(self.store.clips[index].clip.label)

    def _clips_of(self, subjects: Collection[str]) -> list[int]:
        unknown = sorted(set(subjects) - set(self.store.subjects))
        if unknown:
            raise ATMGCNError(f"{self.store.path}: has no subject {unknown[0]!r}; it has {_few(self.store.subjects)}")
        wanted = set(subjects)
        return [index for index, stored in enumerate(self.store.clips) if stored.clip.subject_key in wanted]


@lru_cache(maxsize=4096)
def _topology(num_nodes: int, global_node: int, window: int) -> Topology:
    """Edges depend on three small numbers, and clips share them."""
    with torch.inference_mode(False):  # a clip that was first read for a prediction is trained on later
        return build_topology(torch.tensor([num_nodes]), torch.tensor([global_node]), window)


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
