"""A model and its parts are copied, saved whole and converted to other types, and compute what they did."""

import copy
import io
import pickle

import pytest
import torch
from torch.nn.functional import cross_entropy

from atm_gcn import ATMGCN, AdaptiveTM, MotionEncoder, TMGCNConv
from atm_gcn.encoders import normalize_frames
from atm_gcn.graph import AttentionReadout, DenseTMGCNConv
from atm_gcn.graph.stack import TMGCNStack
from tests.clips import frame_batch, ragged_clips
from tests.test_model import MeanDifference, model_of

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}
DTYPES = list(TOLERANCE)
NO_MKL = pytest.mark.skipif(not torch.backends.mkl.is_available(), reason="torch was built without MKL")
BACKENDS = [
    ("auto", torch.float32),
    ("auto", torch.float64),
    ("edges", torch.uint8),
    ("banded", torch.uint8),
    pytest.param("csr", torch.uint8, marks=NO_MKL),
]
WAYS = [
    {"precision": torch.bfloat16},
    {"checkpoint": True},
    {"channels_last": False},
    {"precision": torch.bfloat16, "checkpoint": True},
]


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other over tiny tensors would take most of the time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def saved(module):
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


COPIES = {"torch.save": saved, "pickle": lambda module: pickle.loads(pickle.dumps(module)), "deepcopy": copy.deepcopy}


@pytest.mark.parametrize("way", [{}, *WAYS], ids=str)
@pytest.mark.parametrize("make", COPIES.values(), ids=list(COPIES))
def test_copies_are_equal_before_and_after_training(make, way):
    model, batch = model_of().eval(), frame_batch(16)
    model.encoder.accelerate(**way)
    assert torch.equal(make(model)(batch), model(batch))
    model.train()(batch).sum().backward()
    again = make(model)
    assert again.training and torch.equal(again.eval()(batch), model.eval()(batch))
    assert again.encoder.precision is model.encoder.precision and again.config == model.config


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("backend", "frames"), BACKENDS)
def test_a_converted_model_computes_the_same(dtype, backend, frames):
    model, batch = model_of(backend=backend).eval(), frame_batch(16)
    expected = model(batch)
    converted, given = copy.deepcopy(model).to(dtype), frame_batch(16, dtype=frames)
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            logits = converted(given)
        assert logits.dtype == converted.dtype == dtype
        assert torch.allclose(logits.to(expected), expected, atol=TOLERANCE[dtype])
    assert converted.explain(given).probabilities.dtype == dtype
    cross_entropy(converted.train()(given), batch.y).backward()
    assert all(parameter.grad.isfinite().all() for parameter in converted.parameters())


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("converted_first", [True, False])
def test_an_accelerated_model_is_converted(dtype, way, converted_first):
    model, batch = model_of().eval(), frame_batch(16)
    expected = model(batch)
    if converted_first:
        model.to(dtype).encoder.accelerate(**way)
    else:
        model.encoder.accelerate(**way)
        model.to(dtype)
    assert torch.allclose(model(batch).to(expected), expected, atol=max(TOLERANCE[dtype], 4e-2 * ("precision" in way)))
    assert torch.equal(saved(model)(batch), model(batch))
    cross_entropy(model.train()(batch), batch.y).backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_motion_features_of_another_type(dtype):
    clips = frame_batch(16)
    clips.x, clips.frames = torch.randn(clips.num_nodes, 16, dtype=torch.float64), None
    del clips.frames
    model = model_of().eval()
    expected = model(clips)
    assert torch.allclose(model.to(dtype)(clips).to(expected), expected, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("lower", [torch.bfloat16, torch.float16], ids=str)
def test_under_autocast(dtype, lower):
    model, batch = model_of().eval(), frame_batch(16)
    expected = model(batch)
    with torch.autocast("cpu", lower):
        logits = model.to(dtype)(batch)
    assert torch.allclose(logits.to(expected), expected, atol=4e-2)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_an_encoder_of_ones_own_takes_frames_in_its_type(dtype):
    model, batch = ATMGCN(model_of().config, encoder=MeanDifference(16)).eval(), frame_batch(16)
    expected = model(batch)
    assert torch.allclose(model.to(dtype)(batch).to(expected), expected, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_type_is_kept_on_disk(tmp_path, dtype):
    model, batch = model_of().eval().to(dtype), frame_batch(16)
    model.save_pretrained(tmp_path)
    again = ATMGCN.from_pretrained(tmp_path)
    assert again.dtype == dtype and torch.equal(again(batch), model(batch))


def test_a_faint_movement_survives_rounding():
    encoder = MotionEncoder(8, 1, stem_channels=(6, 4), block_channels=(4,), grid=2).eval()
    onset = torch.full((1, 3, 16, 16), 200, dtype=torch.uint8)
    frames, pos = (onset + torch.tensor([0, 1], dtype=torch.uint8)[:, None, None, None]), torch.tensor([2, 2])
    for dtype in (torch.float16, torch.bfloat16):
        lower = copy.deepcopy(encoder).to(dtype)
        assert lower.input_dtype == torch.float32
        still, moved = lower(*(normalize_frames(x, lower.input_dtype) for x in (frames, onset.expand_as(frames))), pos)
        assert still.dtype == dtype and not torch.equal(still, moved)


def test_a_double_model_computes_the_graph_in_double():
    model, batch = model_of().eval().double(), frame_batch(16)
    explained = model.explain(batch)
    assert {weight.dtype for weight in explained.edge_weight} == {torch.float64}
    x, edges = model.motion_features(batch), model.edge_graph_of(batch)
    initial = model.graph.layer_weights(x, edges, batch.pos, batch.global_index)[0]
    assert (initial != initial.float().double()).any()


CLIPS = ragged_clips(16, 2, dtype=torch.float32)
EDGES, CLIP = CLIPS.topology, torch.repeat_interleave(CLIPS.num_nodes)
CONV = {"pos": CLIPS.pos, "global_index": CLIPS.global_index}
TABLE = torch.linspace(0, 1, 63).view(9, 7)
PARTS = {
    "conv": (lambda: TMGCNConv(16, 8), lambda m, x: m(x, EDGES.edge_index, **CONV, edge_slot=EDGES.edge_slot)),
    "conv over edges": (lambda: TMGCNConv(16, 8, backend="edges"), lambda m, x: m(x, EDGES.edge_index, **CONV)),
    "adaptive": (lambda: AdaptiveTM(2, "learnable"), lambda m, x: m(TABLE, TABLE, TABLE > 0.1)),
    "stack": (lambda: TMGCNStack(16, 8, 2, 2), lambda m, x: m(x, CLIPS.edge_graph, CLIPS.pos, CLIPS.global_index)),
    "readout": (lambda: AttentionReadout(16, 3, pooling="max"), lambda m, x: m(x, CLIP, 6)),
    "dense": (lambda: DenseTMGCNConv(16, 8), lambda m, x: m(x[:4].view(2, 2, 16), TABLE[:2, :4].view(2, 2, 2))),
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("build", "call"), PARTS.values(), ids=list(PARTS))
def test_parts_alone(build, call, dtype):
    torch.manual_seed(0)
    part = build()
    expected = call(part, CLIPS.x)
    converted = copy.deepcopy(part).to(dtype)
    out = call(converted, CLIPS.x.to(dtype))
    assert torch.allclose(out.to(expected), expected, atol=TOLERANCE[dtype])
    for make in COPIES.values():
        assert torch.equal(call(make(converted), CLIPS.x.to(dtype)), out)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format, torch.preserve_format], ids=str)
def test_any_layout_of_the_weights(layout):
    model, batch = model_of().eval(), frame_batch(16)
    expected = model(batch)
    assert torch.allclose(model.to(memory_format=layout)(batch), expected, atol=1e-5)
