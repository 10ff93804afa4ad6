"""What an argument of predict names."""

import pytest

from atm_gcn.data import Clip, write_manifest
from atm_gcn.inference.sources import Source, expand


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a/1.mp4", "a/b/2.mp4", "store/meta.json", "store/manifest.csv", "7/img1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_kinds(folder):
    assert expand(["0"]) == [Source("camera", "0")]
    assert expand(["7"]) == [Source("recording", "7")]  # a folder of that name goes first
    assert expand(["store"]) == [Source("store", "store")]
    assert expand(["a/1.mp4"]) == [Source("recording", "a/1.mp4")]


def test_patterns(folder):
    assert [source.path for source in expand(["a/*.mp4"])] == ["a/1.mp4"]
    assert [source.address for source in expand(["**/*.mp4", "0"])] == ["a/1.mp4", "a/b/2.mp4", 0]
    assert [source.path for source in expand([f"{folder}/a/[0-9].mp4"])] == [f"{folder}/a/1.mp4"]


def test_manifests(folder):
    clips = [Clip("mine", "a", f"c{i}", 1, None, 5, 30.0, label="x", source=f"a/{i}.mp4") for i in range(2)]
    write_manifest(clips, folder / "manifest.csv")
    found = expand(["manifest.csv"])
    assert [source.clip.name for source in found] == ["c0", "c1"]
    assert found[0].path == str(folder / "a/0.mp4")


def test_a_folder_with_a_manifest_stands_for_the_other_recordings_too(folder, caplog):
    (folder / "a/3.mp4").symlink_to(folder / "a/1.mp4")
    write_manifest([Clip("mine", "a", "c", 1, None, 5, 30.0, label="x", source="a/1.mp4")], folder / "manifest.csv")
    assert [(source.path, source.clip is None) for source in expand(["."])] == [
        (str(folder / "a/1.mp4"), False),
        ("7", True),
    ]
    assert ".: 1 recording(s) below its first level are left out; name them, or add --recursive" in caplog.text
    assert [source.path for source in expand(["."], recursive=True)] == [str(folder / "a/1.mp4"), "7", "a/b/2.mp4"]
    write_manifest([Clip("mine", "a", "c", 1, None, 5, 30.0, label="x", source="img1.png")], folder / "7/manifest.csv")
    assert [source.path for source in expand(["7"])] == [str(folder / "7/img1.png"), "7"]


def test_a_bad_argument_is_a_source_with_a_problem(folder):
    (folder / "bad.csv").write_text("a,b\n1,2\n")
    found = expand(["none*", "bad.csv", "absent.csv", "a/1.mp4"])
    assert [str(source.problem).split(":")[0] for source in found] == ["none*", "bad.csv", "absent.csv", "None"]
    assert "matches no file or folder" in str(found[0].problem)
    assert "lacks the columns" in str(found[1].problem)
