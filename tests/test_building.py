"""Custom encoders and models, through everything that trains, stores, reads or shows a model."""

import filecmp

import pytest
import torch

from atm_gcn import ATMGCN, ATMGCNError
from atm_gcn.building import build, load_model, name_of
from atm_gcn.config import ModelConfig
from atm_gcn.data import MERDataset
from atm_gcn.errors import Interrupted
from atm_gcn.explain import explain_stored_clip
from atm_gcn.inference import Ensemble
from atm_gcn.training.execution import PoolExecutor, SerialExecutor
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.run import run_folds
from tests.builders import Fails, Frames, MeanDifference, Pair, WrongShape, with_encoder
from tests.runs import tiny_config

CPU = torch.device("cpu")
BUILDERS = [with_encoder, Frames]


@pytest.fixture
def config(store):
    return resolve(tiny_config(), tiny_config(), store)


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda b: b.__name__)
def test_a_fold_trains_and_predicts_whatever_is_built(store, config, builder):
    result = train_fold(config, store, "tiny/s1", build_model=builder)
    assert result.probabilities.shape == (3, 3) and result.log[-1]["loss"] > 0
    again = train_fold(config, store, "tiny/s1", build_model=builder)
    assert torch.equal(again.probabilities, result.probabilities)
    named = config.merge({"model": {"build_model": name_of(builder)}})
    assert torch.equal(train_fold(named, store, "tiny/s1").probabilities, result.probabilities)
    assert not torch.equal(train_fold(config, store, "tiny/s1").probabilities, result.probabilities)


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda b: b.__name__)
def test_a_run_is_pooled_resumed_and_read_with_it(store, config, tmp_path, builder):
    run_folds(config, store, tmp_path / "serial", build_model=builder)
    run_folds(config, store, tmp_path / "pool", executor=PoolExecutor(2), build_model=builder)

    class Stops(SerialExecutor):
        def run(self, context, tasks, listener, stop):
            for number, pair in enumerate(super().run(context, tasks, listener, stop)):
                if number == 1:
                    raise Interrupted
                yield pair

    with pytest.raises(Interrupted):
        run_folds(config, store, tmp_path / "resumed", executor=Stops(), build_model=builder)
    run_folds(config, store, tmp_path / "resumed", resume=True, build_model=builder)
    names = ["config.yaml", "metrics.json", "predictions.csv", "folds/tiny__s1/model.safetensors"]
    for other in ("pool", "resumed"):
        assert filecmp.cmpfiles(tmp_path / "serial", tmp_path / other, names, shallow=False) == (names, [], [])
    with pytest.raises(ATMGCNError, match="begun with other settings, "):
        run_folds(config, store, tmp_path / "serial", resume=True)

    run = tmp_path / "serial"
    probabilities = Ensemble.open(run, builder).predict(MERDataset(store), CPU)
    assert probabilities.sum(dim=1).allclose(torch.ones(9, dtype=torch.float64))
    with pytest.raises(ATMGCNError, match=r"built by tests\.builders:\w+, which is not imported unless you ask for it"):
        Ensemble.open(run).predict(MERDataset(store), CPU)


def test_what_has_an_explanation_is_explained(store, config, tmp_path):
    for builder in BUILDERS:
        run_folds(config, store, tmp_path / builder.__name__, build_model=builder)
    seen = explain_stored_clip(tmp_path / "with_encoder", store, "tiny/s1/c1", CPU, with_encoder)
    assert seen.explanation.attention_maps == [] and len(seen.explanation.edge_weight) == 1
    with pytest.raises(ATMGCNError, match=r"cannot be explained: Frames has no method explain\(batch\)"):
        explain_stored_clip(tmp_path / "Frames", store, "tiny/s1/c1", CPU, Frames)


def test_a_graph_and_a_readout_of_ones_own(store, tmp_path):
    class Alone(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = torch.nn.Linear(8, 8)

        def forward(self, x, graph, pos, global_index):
            return self.lin(x)

    class Mean(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = torch.nn.Linear(8, 3)

        def forward(self, x, clip, num_clips, num_nodes=None):
            return self.lin(x.new_zeros(num_clips, 8).index_add(0, clip, x))

    parts = {"encoder": MeanDifference(8), "graph": Alone(), "readout": Mean()}
    model = ATMGCN(ModelConfig(num_classes=3, motion_channels=8, hidden_channels=8), **parts).eval()
    clip = MERDataset(store)[0]
    model.save_pretrained(tmp_path)
    fresh = {"encoder": MeanDifference(8), "graph": Alone(), "readout": Mean()}
    again = ATMGCN.from_pretrained(tmp_path, **fresh)
    assert torch.equal(again(clip), model(clip))
    explanation = again.explain(clip)
    assert explanation.edge_weight == [] and explanation.readout_attention is None
    assert len(explanation.split()) == 1
    with pytest.raises(ATMGCNError, match="its graph does not match TMGCNStack of these sizes; give the one"):
        ATMGCN.from_pretrained(tmp_path, encoder=MeanDifference(8), readout=Mean())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tests.builders:missing", "cannot be imported (AttributeError"),
        ("no_such_module:build", "cannot be imported (ModuleNotFoundError"),
        ("tests.builders:not_callable", "is not a function or class"),
        ("tests.builders:broken", "cannot build the model (RuntimeError: no weights today)"),
        ("tests.builders:number", "returned a int, which is not a torch.nn.Module"),
    ],
)
def test_a_builder_that_does_not_work_is_one_sentence(name, text):
    with pytest.raises(ATMGCNError) as error:
        build(ModelConfig(num_classes=3, build_model=name))
    assert str(error.value).startswith(f"build_model {name}: {text}")


@pytest.mark.parametrize("name", ["os", "os:", ":system", "os.system", "a b:c", "x:y" * 100])
def test_names_that_name_no_builder(name):
    with pytest.raises(ValueError, match=r"must be package\.module:function"):
        ModelConfig(num_classes=3, build_model=name)


def test_a_stock_model_needs_no_builder(tmp_path):
    model = ATMGCN(ModelConfig(num_classes=3, num_blocks=1, motion_channels=8, hidden_channels=8, heads=2))
    model.save_pretrained(tmp_path)
    loaded = load_model(tmp_path)
    assert type(loaded.model) is ATMGCN and not loaded.model.training and loaded.class_names == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("builder", "text"),
    [
        (WrongShape, r"the model WrongShape must return logits \[2, 3\] for 2 clips, not \[2, 2\]"),
        (Fails, r"the model Fails fails on a batch of clips \(KeyError: 'frames'\)"),
        (Pair, r"the model Pair must return logits \[2, 3\] for 2 clips, not tuple"),
        (lambda config: with_encoder(config), "must be a function or class at the top level of a module"),
        (3, "must be a function or class at the top level of a module"),
    ],
)
def test_a_run_with_it_is_refused_before_anything_is_written(store, config, tmp_path, builder, text):
    with pytest.raises(ATMGCNError, match=text):
        run_folds(config, store, tmp_path / "run", build_model=builder)
    assert not (tmp_path / "run").exists()
