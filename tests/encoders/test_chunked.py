"""Many frames in the memory for a few: the same features, whatever the chunks."""

import pytest
import torch

from atm_gcn import ATMGCN, ModelConfig, MotionEncoder
from atm_gcn.encoders import encode_in_chunks, encode_stream, normalize_frames
from tests.clips import frame_batch

NARROW = {"stem_channels": (10, 8), "block_channels": (8, 8, 12, 16), "grid": 2}


@pytest.fixture
def encoder():
    return MotionEncoder(20, 2, **NARROW).eval()


@pytest.mark.parametrize("chunk", [1, 3, 10, 99])
def test_chunks_make_no_difference(encoder, chunk):
    batch = frame_batch(sizes=(3, 1, 6))
    whole = encoder(normalize_frames(batch.frames), normalize_frames(batch.onset_frame)[batch.batch], batch.pos)
    features = encode_in_chunks(encoder, batch.frames, batch.onset_frame, batch.batch, batch.pos, chunk)
    torch.testing.assert_close(features, whole.detach(), rtol=1e-4, atol=1e-5)
    assert not features.requires_grad


@pytest.mark.parametrize("count", [1, 4, 9])
def test_a_stream_is_read_as_it_is_encoded(encoder, count):
    images = torch.randint(256, (count + 1, 24, 32, 3), dtype=torch.uint8).numpy()
    read = []

    def frames():
        for number, image in enumerate(images[1:]):
            read.append(number)
            yield image

    stream = encode_stream(encoder, frames(), images[0], chunk=4)
    first = next(stream)
    assert len(read) == len(first) == min(count, 4)
    features = torch.cat([first, *stream])
    tensors = torch.from_numpy(images).permute(0, 3, 1, 2)
    clip, pos = torch.zeros(count, dtype=torch.int64), torch.arange(2, count + 2)
    together = encode_in_chunks(encoder, tensors[1:], tensors[:1], clip, pos)
    torch.testing.assert_close(features, together, rtol=1e-4, atol=1e-5)


def test_a_model_at_rest_encodes_in_chunks(monkeypatch):
    model = ATMGCN(ModelConfig(num_classes=3, num_blocks=1, motion_channels=8, hidden_channels=8, **WIDTHS)).eval()
    seen = []
    model.encoder.register_forward_hook(lambda module, inputs, output: seen.append(len(output)))
    batch = frame_batch(sizes=(40, 30))
    with torch.no_grad():
        chunked = model(batch)
    assert seen == [32, 32, 6]
    torch.testing.assert_close(chunked, model(batch).detach(), rtol=1e-4, atol=1e-5)
    assert seen[3:] == [70]


WIDTHS = {"stem_channels": (4, 4), "block_channels": (4, 4, 4, 4), "grid": 2}
