"""Options that name a file to write: what is there already, what is read, and odd names."""

import csv
import hashlib
import os
import threading

import pytest

from atm_gcn.cli import main
from atm_gcn.cli._shared.outputs import check_outputs, is_output
from atm_gcn.synth.long_video import synthesize_long

SPOT = ("--spot", "--stride", "0")


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "long.avi"
    synthesize_long(path, 5, per_minute=12, size=64, seed=3)
    return path


@pytest.fixture
def outputs(store, trained, video):
    """The command that writes each kind of file, without the file."""
    predict = ["predict", str(video), "--model", str(trained), "--device", "cpu", *SPOT]
    explain = ["explain", str(store), "--clip", "tiny/s0/c0", "--model", str(trained), "--device", "cpu", "--out"]
    return {
        "rows.csv": [*predict, "--csv"],
        "curve.csv": [*predict, "--curve"],
        "curve.json": [*predict, "--curve"],
        "plot.png": [*predict, "--plot"],
        "plot.pdf": [*predict, "--plot"],
        "seen.avi": [*predict, "--annotate"],
        "seen.mp4": [*predict, "--annotate"],
        "figure.png": explain,
        "figure.pdf": explain,
        "page.html": ["report", str(trained), "--out"],
    }


KINDS = ["rows.csv", "curve.csv", "curve.json", "plot.png", "plot.pdf", "seen.avi", "seen.mp4"]
KINDS += ["figure.png", "figure.pdf", "page.html"]


@pytest.mark.parametrize("name", KINDS)
def test_only_an_output_of_ours_is_replaced(outputs, tmp_path, capsys, name):
    out = tmp_path / name
    out.write_bytes(b"precious")
    assert main.run([*outputs[name], str(out)]) == 1
    said = f"atm-gcn: error: {out}: exists and is no output of atm-gcn; name another file, or add --force\n"
    assert capsys.readouterr().err == said
    assert out.read_bytes() == b"precious"
    assert main.run([*outputs[name], str(out), "--force"]) == 0
    assert is_output(out) and [entry.name for entry in tmp_path.iterdir()] == [name]
    check_outputs({"--out": out}, [], force=False)


def test_an_output_of_ours_is_replaced(outputs, tmp_path):
    inodes = set()
    for _ in range(2):
        assert main.run([*outputs["rows.csv"], str(tmp_path / "rows.csv")]) == 0
        inodes.add((tmp_path / "rows.csv").stat().st_ino)
    assert len(inodes) == 2


@pytest.mark.parametrize("name", ["rows.csv", "curve.csv", "plot.png", "page.html"])
def test_a_pipe_gets_the_output(outputs, tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    assert main.run([*outputs[name], str(tmp_path / "pipe")]) == 0
    reader.join(10)
    (tmp_path / "copy").write_bytes(got[0])
    assert is_output(tmp_path / "copy") and (tmp_path / "pipe").is_fifo()


def test_standard_output_carries_nothing_else(outputs, capfd):
    assert main.run([*outputs["rows.csv"], "-"]) == 0
    out, err = capfd.readouterr()
    assert next(csv.reader(out.splitlines()))[:2] == ["source", "clip"] and "model: " not in out
    assert "mean of the 3 fold models" in err
    assert main.run([*outputs["page.html"], "-"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("<!doctype html>") and out.rstrip().endswith("</html>") and "9 clips of 3 subjects" in err
    assert main.run([*outputs["rows.csv"], "-", "--json"]) == 2
    assert "--json writes to standard output; name a file instead of -" in capfd.readouterr().err
    assert main.run([*outputs["seen.avi"], "-"]) == 2


def test_a_full_device_is_one_sentence(outputs, capsys):
    for name in ("rows.csv", "page.html"):
        assert main.run([*outputs[name], "/dev/full"]) == 1
        last = capsys.readouterr().err.splitlines()[-1]
        assert last == "atm-gcn: error: /dev/full: cannot be written (No space left on device)"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "must be a name for a file, not an empty one"),
        ("a\0b.csv", "must be a name for a file, not one with a null character"),
        ("n" * 252 + ".csv", "must be a name for a file, not one of 256 bytes, which is too long"),
        (".", "must name a file, which a folder is not, not '.'"),
        ("a.csv/", "must name a file, which a folder is not, not 'a.csv/'"),
        ("/", "must name a file, which a folder is not, not '/'"),
    ],
)
@pytest.mark.parametrize("kind", ["rows.csv", "curve.csv", "plot.png", "seen.avi", "figure.png", "page.html"])
def test_odd_names(outputs, capsys, kind, name, said):
    assert main.run([*outputs[kind], name]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"Error: {outputs[kind][-1]} {said}"


def test_what_is_read_is_never_written(outputs, trained, video, tmp_path, capsys):
    link = tmp_path / "link.avi"
    link.symlink_to(video)
    model = trained / "folds" / "tiny__s0" / "model.safetensors"
    cases = [("seen.avi", video), ("seen.avi", link), ("rows.csv", video), ("rows.csv", model)]
    cases += [("page.html", trained / "metrics.json"), ("rows.csv", trained / "predictions.csv")]
    for kind, path in cases:
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        for force in ([], ["--force"]):
            assert main.run([*outputs[kind], str(path), *force]) == 1
            assert "input" in capsys.readouterr().err.splitlines()[-1]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert link.is_symlink()


def test_two_outputs_need_two_files(outputs, tmp_path, capsys):
    (tmp_path / "b.csv").symlink_to("a.csv")
    assert main.run([*outputs["rows.csv"], str(tmp_path / "a.csv"), "--curve", str(tmp_path / "b.csv")]) == 2
    assert "--csv and --curve both name" in capsys.readouterr().err


def test_a_planted_page_is_not_followed(trained, tmp_path, capsys):
    (tmp_path / "precious.html").write_text("precious")
    (trained / "report.html").symlink_to(tmp_path / "precious.html")
    try:
        assert main.run(["report", str(trained)]) == 1
        assert "report.html: is a symbolic link" in capsys.readouterr().err
    finally:
        (trained / "report.html").unlink()
    assert (tmp_path / "precious.html").read_text() == "precious"
