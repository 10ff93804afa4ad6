"""Models as a function of the tensors of one clip."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.defaults import Task
from atm_gcn.losses import probabilities_of
from atm_gcn.model import ATMGCN


class ClipProgram(nn.Module):
    """The probabilities of one clip of n frames after its onset: the mean over some models.

    Args:
        models (list[torch.nn.Module]): Each gives logits ``[B, C]`` for a batch of B clips. Their
            graphs are computed by ``backend="banded"``, which every exporter can write.
        task (str, optional): What their logits are. (default: :obj:`"emotion"`)

    Shapes:
        - **input:** what the models read of a clip, None for the rest: **pos** float32 :math:`(n)`, the time of every
          frame in frames at the clip's rate, that of the onset being 1; **apex** int64 :math:`()`, the place of the
          apex frame among the n, counted from 0; **frames** uint8 :math:`(n, 3, H, W)` RGB; **onset_frame** uint8
          :math:`(1, 3, H, W)`; **flow** float32 :math:`(n, 3, h, w)`, u, v and strain from the onset, in pixels;
          **depth** float32 :math:`(n, 1, H, W)`, in standard deviations of the onset's from its mean; **landmarks**
          float32 :math:`(1, 5, 2)` of the onset, as shares of its sides, or NaN; **x** float32 :math:`(n, F)` features
        - **output:** probabilities :math:`(C)`
    """

    def __init__(self, models: Sequence[nn.Module], task: Task = "emotion") -> None:
        super().__init__()
        self.task: Task = task
        self.models = nn.ModuleList(models)
        for model in models:
            if isinstance(model, ATMGCN):
                model.config = model.config.model_copy(update={"backend": "banded"})

    def forward(
        self,
        pos: Tensor,
        apex: Tensor,
        frames: Tensor | None = None,
        onset_frame: Tensor | None = None,
        flow: Tensor | None = None,
        depth: Tensor | None = None,
        landmarks: Tensor | None = None,
        x: Tensor | None = None,
    ) -> Tensor:
        clip = torch.zeros_like(pos, dtype=torch.int64)
        images = {"frames": frames, "onset_frame": onset_frame, "flow": flow, "depth": depth, "landmarks": landmarks}
        batch = Data(
            x=x,
            pos=pos,
            global_index=apex[None],
            num_nodes=pos.size(0),
            batch=clip,
            ptr=F.pad(torch.ones_like(clip).sum()[None], (1, 0)),
            **{name: image for name, image in images.items() if image is not None},
        )
        each = [probabilities_of(model(batch).float(), self.task)[0] for model in self.models]
        return torch.stack(each).mean(dim=0)
