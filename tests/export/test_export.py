"""What is exported gives the probabilities of the models, whatever they read and however they are built."""

import json
import zipfile

import numpy as np
import pytest
import torch

from atm_gcn.building import load_model, stock
from atm_gcn.checkpoint import save_checkpoint
from atm_gcn.cli import main
from atm_gcn.config import RunConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.export import ClipProgram, export_model, exporting
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.peers import PEERS
from tests.runs import TINY

FEATURES = ["model.input=features", "model.motion_channels=6"]
VARIANTS = [
    FEATURES,
    ["model.backend=csr", "model.window=4", "model.num_layers=2"],
    ["model.input=flow", "model.use_gcn=false"],
    ["model.input=both", "model.center_flow=true", "model.average_mirrored=true", "model.pooling=attention"],
    [*FEATURES, "model.layer=gcnii", "model.adaptive_heads=2", "model.learnable_weighting=true"],
    [*FEATURES, "model.pooling=mean-apex", "model.concatenate_input=true"],
    [*FEATURES, "model.layer=residual", "model.normalize=in", "model.backend=edges", "model.pooling=max"],
]
EXPORTABLE = [name for name in PEERS if name not in exporting.UNFIT]


def checkpoint(path, *overrides):
    """A file with a model of random weights."""
    config = RunConfig().override(["model.num_classes=3", "data.size=32", "data.flow=dis", "data.flow_size=16"])
    if not any(word.startswith("model.name=") for word in overrides):
        config = config.merge(TINY)
    config = config.override(overrides)
    torch.manual_seed(0)
    model = stock(config.model)
    for module in model.modules():  # as after training
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    save_checkpoint(path, model.state_dict(), config.model, {"data": config.data.model_dump(mode="json")})
    return path


def largest_difference(path, out, clips):
    """Between a file and the model, over random clips of 1 to 60 frames."""
    ensemble, generator = Ensemble.open(path), torch.Generator().manual_seed(7)
    program = ClipProgram([load_model(file).model for file in ensemble.files]).eval()
    run = exporting.FORMATS[out.suffix].read(out.read_bytes())
    found = 0.0
    for _ in range(clips):
        count = int(torch.randint(1, 61, (), generator=generator))
        clip = exporting.random_clip(ensemble, count, generator)
        clip["apex"] = torch.randint(0, count, (), generator=generator)
        with torch.no_grad():
            found = max(found, float((run(clip) - program(**clip)).abs().max()))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".onnx", ".pt2"])
@pytest.mark.parametrize("overrides", VARIANTS, ids=lambda words: "-".join(word.partition("=")[2] for word in words))
def test_every_form_of_the_model_gives_its_probabilities(tmp_path, overrides, suffix):
    path, out = checkpoint(tmp_path / "model.safetensors", *overrides), tmp_path / f"model{suffix}"
    export_model(path, out)
    assert largest_difference(path, out, clips=50) < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".onnx", ".pt2"])
@pytest.mark.parametrize("name", EXPORTABLE)
def test_every_peer_gives_its_probabilities(tmp_path, name, suffix):
    path, out = checkpoint(tmp_path / "model.safetensors", f"model.name={name}"), tmp_path / f"model{suffix}"
    export_model(path, out)
    assert largest_difference(path, out, clips=5) < 1e-5


@pytest.mark.parametrize("suffix", [".onnx", ".pt2"])
def test_the_file_says_what_it_takes_and_gives(tmp_path, suffix):
    path, out = checkpoint(tmp_path / "model.safetensors", *FEATURES), tmp_path / f"model{suffix}"
    done = export_model(path, out)
    assert done.inputs == {"pos": "float32 [n]", "apex": "int64 []", "x": "float32 [n, 6]"}
    assert done.difference < 1e-6 and largest_difference(path, out, clips=3) < 1e-6
    if suffix == ".onnx":
        onnx = pytest.importorskip("onnx")
        metadata = {entry.key: entry.value for entry in onnx.load(out).metadata_props}
    else:
        with zipfile.ZipFile(out) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith("atm-gcn.json"))
            metadata = json.loads(archive.read(name))
    assert json.loads(metadata["classes"]) == ["0", "1", "2"] and json.loads(metadata["data"])["size"] == 32


def test_a_run_gives_the_mean_of_its_models(tiny_run, tmp_path, capsys):
    out = tmp_path / "run.pt2"
    assert main.run(["export", str(tiny_run), str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("the mean of 3 models, for one clip of n frames\n")
    assert "frames: uint8 [n, 3, 32, 32]" in said and "probabilities: float32 [3], down, left, still" in said
    ensemble = Ensemble.open(tiny_run)
    clip = exporting.random_clip(ensemble, 9, torch.Generator().manual_seed(3))
    graph = {"frames": clip["frames"], "onset_frame": clip["onset_frame"], "pos": clip["pos"], "num_nodes": 9}
    from torch_geometric.data import Data

    expected = ensemble.predict([Data(**graph, global_index=clip["apex"][None])], torch.device("cpu"))
    np.testing.assert_allclose(torch.export.load(out).module()(**clip), expected[0], atol=1e-6)
    assert main.run(["export", str(tiny_run), str(out)]) == 0, "its own output is replaced"


@pytest.mark.parametrize(
    ("overrides", "name", "said"),
    [
        (FEATURES, "model.bin", "model.bin: must end in .onnx (ONNX) or .pt2 (torch.export)"),
        (["model.name=lbp-top"], "model.pt2", "cannot be exported: lbp-top counts patterns"),
        (["model.name=lstm"], "model.pt2", "cannot be exported: lstm is recurrent"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_sentence(tmp_path, capsys, overrides, name, said):
    path = checkpoint(tmp_path / "model.safetensors", *overrides)
    assert main.run(["export", str(path), str(tmp_path / name)]) == 1
    assert said in capsys.readouterr().err and not (tmp_path / name).exists()


def test_a_model_that_torch_cannot_follow_is_named(tmp_path, monkeypatch):
    path = checkpoint(tmp_path / "model.safetensors", *FEATURES)
    monkeypatch.setattr(ClipProgram, "forward", lambda self, pos, apex, x: x[: int(apex) + 1].mean(0))
    with pytest.raises(ATMGCNError, match=r"cannot be exported: torch.export does not follow its model for any number"):
        export_model(path, tmp_path / "model.pt2")


def test_a_file_that_would_compute_something_else_is_not_written(tmp_path, monkeypatch):
    path = checkpoint(tmp_path / "model.safetensors", *FEATURES)
    other = exporting.FORMATS[".pt2"]._replace(read=lambda content: lambda clip: torch.full((3,), 1 / 3))
    monkeypatch.setitem(exporting.FORMATS, ".pt2", other)
    with pytest.raises(ATMGCNError, match=r"is not written: it would give probabilities .* off the model's"):
        export_model(path, tmp_path / "model.pt2")
    assert not (tmp_path / "model.pt2").exists()
