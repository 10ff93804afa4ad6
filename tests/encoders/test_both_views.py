"""The encoder of frames and optical flow together, compiled and exported."""

import pytest
import torch
from torch.export import Dim, export

from atm_gcn.encoders import MotionEncoder

pytestmark = pytest.mark.slow


def encoder_and_images():
    torch.manual_seed(0)
    encoder = MotionEncoder(8, 1, (4, 4), (4, 4, 4, 4), grid=2, in_channels=6).eval()
    return encoder, (torch.randn(5, 6, 32, 32), torch.randn(5, 6, 32, 32), torch.arange(2.0, 7.0))


@torch.no_grad()
def test_it_compiles_to_one_graph():
    encoder, images = encoder_and_images()
    compiled = torch.compile(encoder, backend="aot_eager", fullgraph=True, dynamic=True)
    assert torch.allclose(compiled(*images), encoder(*images), atol=1e-5)


@torch.no_grad()
def test_it_is_exported_for_any_number_of_frames():
    encoder, images = encoder_and_images()
    frames = Dim("frames", min=2, max=10**6)
    exported = export(encoder, images, dynamic_shapes=({0: frames}, {0: frames}, {0: frames})).module()
    fewer = [image[:3] for image in images]
    assert torch.allclose(exported(*fewer), encoder(*fewer), atol=1e-5)
