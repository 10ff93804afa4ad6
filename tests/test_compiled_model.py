"""The whole model is one graph for ``torch.compile``, whatever it reads and however many frames clips have."""

import pytest
import torch
from torch_geometric.data import Data

from atm_gcn import ATMGCN
from atm_gcn.config import RunConfig
from atm_gcn.data import collate_clips
from tests.runs import TINY

VARIANTS = {
    "frames": ["model.backend=csr", "model.window=4", "model.num_layers=2"],
    "flow": ["model.input=flow", "model.use_gcn=false"],
    "both": ["model.input=both", "model.center_flow=true", "model.average_mirrored=true", "model.pooling=attention"],
    "gcnii": ["model.input=features", "model.layer=gcnii", "model.adaptive_heads=2", "model.learnable_weighting=true"],
    "edges": ["model.input=features", "model.layer=residual", "model.backend=edges", "model.pooling=max"],
}
BATCHES = [(3, 7, 5), (4, 4), (9,), (2, 30, 4, 1)]
ATTRIBUTES = {
    "frames": ("frames", "onset_frame"),
    "flow": ("flow",),
    "both": ("frames", "onset_frame", "flow"),
    "features": ("x",),
}


def clip_of(view, num_frames, generator):
    def picture(rows):
        return torch.randint(0, 256, (rows, 3, 32, 32), dtype=torch.uint8, generator=generator)

    content = {
        "frames": picture(num_frames),
        "onset_frame": picture(1),
        "flow": torch.randn(num_frames, 3, 16, 16, generator=generator),
        "x": torch.randn(num_frames, 8, generator=generator),
    }
    apex, pos = torch.tensor([num_frames // 2]), torch.arange(2.0, num_frames + 2)
    read = {name: content[name] for name in ATTRIBUTES[view]}
    return Data(**read, pos=pos, global_index=apex, num_nodes=num_frames)


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_it_gives_the_logits_and_gradients_of_the_eager_model(variant):
    torch.compiler.reset()
    generator = torch.Generator().manual_seed(0)
    config = RunConfig().merge(TINY).override(["model.num_classes=3", *VARIANTS[variant]]).model
    model = ATMGCN(config)
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True, dynamic=True)
    parameters = list(model.parameters())
    for trains in (False, True):
        model.train(trains)
        for sizes in BATCHES:
            batch = collate_clips([clip_of(config.input, size, generator) for size in sizes])
            found, expected = compiled(batch), model(batch)
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)
            if trains:
                both = [torch.autograd.grad(one.sum(), parameters, allow_unused=True) for one in (found, expected)]
                for gradient, other in zip(*both, strict=True):
                    scale = 0 if other is None else 1e-3 * float(other.abs().max())
                    assert (gradient is None) == (other is None)
                    assert other is None or torch.allclose(gradient, other, rtol=0, atol=scale + 1e-4)
