"""Which recordings a folder stands for, and in which order."""

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.sources import expand
from atm_gcn.inference.sources.folder_search import natural_order, recordings_in


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def touch(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()

    return touch


def paths(*arguments, **options):
    return [source.path for source in expand(arguments, **options)]


def problem(*arguments, **options):
    (source,) = expand(arguments, **options)
    return str(source.problem)


def test_videos_and_folders_of_frames_in_natural_order(tree):
    tree("s/clip10.mp4", "s/clip2.MOV", "s/clip9/img1.png", "s/notes.txt", "s/.hidden.mp4", "s/.cache/img1.png")
    tree("s/deeper/below/x.mp4", "s/clip1.avi/img3.jpg")
    assert paths("s") == ["s/clip1.avi", "s/clip2.MOV", "s/clip9", "s/clip10.mp4"]
    assert paths("s", recursive=True) == [*paths("s"), "s/deeper/below/x.mp4"]


def test_recordings_that_are_left_out_are_counted(tree, caplog):
    tree("s/clip.mp4", "s/deeper/below/x.mp4", "s/deeper/img1.png", "s/frames/img1.png", "s/frames/img2.png")
    assert paths("s", recursive=True) == ["s/clip.mp4", "s/deeper", "s/deeper/below/x.mp4", "s/frames"]
    assert caplog.text == ""
    assert paths("s") == ["s/clip.mp4", "s/deeper", "s/frames"]
    assert "s: 1 recording(s) below its first level are left out; name them, or add --recursive" in caplog.text


def test_a_folder_with_numbered_pictures_is_one_recording(tree, caplog):
    tree("r/img1.png", "r/img2.png")
    assert paths("r") == ["r"] and caplog.text == ""
    tree("r/other/img1.png", "r/extra.mp4")
    assert paths("r") == ["r"]
    assert (
        "r: is read as one recording, as it holds numbered pictures; 2 recording(s) in it are left out" in caplog.text
    )
    assert paths("r", recursive=True) == ["r", "r/extra.mp4", "r/other"]


def test_a_folder_without_recordings_is_one_sentence(tree, tmp_path):
    (tmp_path / "empty").mkdir()
    assert problem("empty") == "empty: is empty; name a folder with videos, or with frames such as img46.jpg"
    tree("texts/a.txt", "deep/a/b/x.mp4")
    assert problem("texts").startswith("texts: holds no recording; name a folder with videos")
    assert problem("deep") == "deep: holds no recording, only 1 folder(s); add --recursive to search them"
    assert paths("deep", recursive=True) == ["deep/a/b/x.mp4"]
    assert problem("texts", recursive=True).startswith("texts: holds no recording; name a folder")


def test_unnumbered_pictures_are_left_to_their_own_error(tree):
    tree("p/left.png", "p/right.png")
    assert expand(["p"])[0].problem is None and paths("p") == ["p"]


def test_patterns_match_folders_and_sort_naturally(tree):
    tree("s10/a.mp4", "s2/b1.mp4", "s2/b0.mp4", "s3/notes.txt")
    found = expand(["s*"])
    assert [source.path for source in found] == ["s2/b0.mp4", "s2/b1.mp4", "s3", "s10/a.mp4"]
    assert [bool(source.problem) for source in found] == [False, False, True, False]


def test_links_are_not_followed_in_circles(tree, tmp_path):
    tree("s/a/x.mp4")
    (tmp_path / "s" / "a" / "again").symlink_to(tmp_path / "s")
    assert paths("s", recursive=True) == ["s/a/x.mp4"]


def test_a_folder_that_cannot_be_searched_does_not_stop_the_others(tree, tmp_path, monkeypatch):
    tree("s/a/x.mp4", "s/b/y.mp4")
    whole = type(tmp_path).iterdir

    def iterdir(self):
        if self.name == "a":
            raise PermissionError(13, "Permission denied")
        return whole(self)

    monkeypatch.setattr(type(tmp_path), "iterdir", iterdir)
    found = list(recordings_in(tmp_path / "s", recursive=True))
    assert isinstance(found[0], ATMGCNError) and "s/a: cannot be searched (Permission denied)" in str(found[0])
    assert found[1:] == [tmp_path / "s" / "b" / "y.mp4"]


def test_natural_order():
    names = ["b", "a10", "a9", "a09", "10", "9", ""]
    assert sorted(names, key=natural_order) == ["", "9", "10", "a09", "a9", "a10", "b"]
