"""Models of a builder in every command that takes a model, with and without ``--build-model``."""

import json

import pytest

from atm_gcn.cli import main
from tests.sharing import made_once

BUILDER = "tests.builders:with_encoder"


@pytest.fixture(scope="session")
def built(store, tiny_sets, tmp_path_factory):
    """Folder of a run whose models have an encoder without attention blocks."""

    def train(out):
        options = ["--device", "cpu", *tiny_sets, "--set", f"model.build_model={BUILDER}"]
        assert main.run(["train", str(store), str(out), *options]) == 0

    return made_once(tmp_path_factory, "built", train)


def run(capsys, *arguments):
    capsys.readouterr()
    return (main.run([str(argument) for argument in arguments]), *capsys.readouterr())


def test_predict(built, store, capsys):
    code, out, err = run(capsys, "predict", store, "--model", built, "--json", "--build-model", BUILDER)
    assert code == 0, err
    assert len(out.splitlines()) == 9


def test_explain_draws_what_there_is(built, store, tmp_path, capsys):
    options = ["--clip", "tiny/s0/c1", "--model", built, "--build-model", BUILDER, "--out", tmp_path / "a.png"]
    code, out, err = run(capsys, "explain", store, *options)
    assert (code, err) == (0, f"written to {tmp_path / 'a.png'}\n")
    assert out.startswith("tiny/s0/c1: ") and (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"
    code, _, err = run(capsys, "explain", store, *options, "--block", 2)
    assert code == 2
    assert "--block must be left out: the model's encoder has no attention blocks" in err


def test_report_shows_onset_and_apex(built, tmp_path, capsys):
    code, _, err = run(capsys, "report", built, "--build-model", BUILDER, "--out", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert (code, err) == (0, f"written to {tmp_path / 'r.html'}\n")
    assert "<figcaption>onset</figcaption>" in page and "<figcaption>attention" not in page
    code, _, err = run(capsys, "report", built, "--out", tmp_path / "without.html")
    assert code == 0 and err.startswith("the report has no pictures of clips: ") and f"--build-model {BUILDER}" in err
    page = (tmp_path / "without.html").read_text(encoding="utf-8")
    assert "There are no pictures: " in page and "<figcaption>onset" not in page


def test_info_names_the_builder_and_imports_nothing(built, capsys, monkeypatch):
    monkeypatch.setattr("atm_gcn.building.import_module", None)
    code, out, err = run(capsys, "info", built)
    assert (code, err) == (0, "")
    assert f"built by    {BUILDER}" in out and "encoder 104" in out


def test_parameters_of_other_parts(store, tiny_sets, tmp_path, capsys):
    options = ["--device", "cpu", *tiny_sets, "--set", "model.build_model=tests.builders:Frames", "--all"]
    assert run(capsys, "train", store, tmp_path / "run", *options)[0] == 0
    parts = json.loads(run(capsys, "info", tmp_path / "run", "--json")[1])["parameters"]
    assert parts == {"total": 131, "encoder": 0, "graph": 0, "readout": 0, "other": 131}
    assert "parameters  131: other 131; " in run(capsys, "info", tmp_path / "run")[1]


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_a_builder_is_not_imported_unasked(built, store, capsys, command):
    clip = ["--clip", "tiny/s0/c1"] if command == "explain" else []
    code, out, err = run(capsys, command, store, "--model", built, *clip)
    assert (code, out, err.count("atm-gcn: error: ")) == (1, "", 1)
    assert f"its model is built by {BUILDER}, which is not imported unless you ask for it" in err


@pytest.mark.parametrize("command", ["predict", "explain", "report"])
def test_a_builder_that_cannot_be_imported(built, store, capsys, command):
    sources = {"predict": [store, "--model", built], "explain": [store, "--clip", "x", "--model", built]}
    code, _, err = run(capsys, command, *sources.get(command, [built]), "--build-model", "nowhere:build")
    assert (code, err.count("\n")) == (1, 1)
    assert "build_model nowhere:build: cannot be imported" in err


def test_a_model_in_the_working_folder(store, tiny_sets, tmp_path, capsys, monkeypatch):
    (tmp_path / "my_own_model.py").write_text("from tests.builders import Frames as Net\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    options = ["--device", "cpu", *tiny_sets, "--set", "model.build_model=my_own_model:Net", "--all"]
    assert run(capsys, "train", store, "run", *options)[0] == 0
    code, out, err = run(capsys, "predict", store, "--model", "run", "--build-model", "my_own_model:Net")
    assert code == 0 and "predicted" in out
    code, _, err = run(
        capsys, "explain", store, "--clip", "tiny/s0/c1", "--model", "run", "--build-model", "my_own_model:Net"
    )
    assert (code, err.count("\n")) == (1, 2)
    assert "the run's only model, which was trained on this clip" in err
    assert "cannot be explained: Frames has no method explain(batch)" in err
