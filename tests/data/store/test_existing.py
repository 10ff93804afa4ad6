"""A store that exists already: kept if it is the planned one, else refused with the difference."""

import hashlib
import json
import shutil
from dataclasses import asdict, replace

import pytest

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data import prepare
from atm_gcn.data.clip import Clip
from atm_gcn.data.store import planning
from atm_gcn.data.store.meta import meta_digest
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import open_source
from tests.data.recordings import drawn_face, number_of, picture, three_clips, write_folder, write_image, write_video

SMALL = DataConfig(size=16)


@pytest.fixture
def clips(tmp_path) -> list[Clip]:
    clips = three_clips(tmp_path / "frames")
    prepare(clips, tmp_path / "store", SMALL)
    return clips


def kept(clips: list[Clip], tmp_path) -> bool:
    """Whether asking for the store again leaves it as it is."""
    file = tmp_path / "store" / "frames.npy"
    before = file.stat().st_mtime_ns
    return len(prepare(clips, tmp_path / "store", SMALL)) == 3 and file.stat().st_mtime_ns == before


def refuses(message: str, clips: list[Clip], tmp_path, config: DataConfig = SMALL) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()}
    with pytest.raises(ATMGCNError, match=message):
        prepare(clips, tmp_path / "store", config)
    assert {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()} == before


def test_is_kept(clips, tmp_path):
    assert kept(clips, tmp_path)


def test_recordings_are_planned_once(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(planning, "open_source", lambda path: opened.append(path) or open_source(path))
    clips = three_clips(tmp_path / "frames")
    for _ in range(2):
        prepare(clips, tmp_path / "store", SMALL)
        assert sorted(opened) == sorted(clip.source for clip in clips)
        opened.clear()


def test_is_kept_where_the_frames_have_moved_or_are_gone(clips, tmp_path):
    shutil.copytree(tmp_path / "frames", tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / "frames")
    assert kept(clips, tmp_path)
    assert kept([replace(one, source=one.source.replace("frames", "elsewhere")) for one in clips], tmp_path)


def test_a_store_of_an_earlier_version_is_kept(clips, tmp_path):
    """Its settings lack those that decide about ids, and its checksum does not cover them."""
    file = tmp_path / "store" / "meta.json"
    meta = json.loads(file.read_text())
    for key in DECISIONS:
        del meta["config"][key]
    assert set(meta["config"]) == {"size", "fps", "max_frames", "face", "apex", "clock", "classes"}
    rows = [
        {key: value for key, value in asdict(clip).items() if key not in ("view", "kind")} | {"source": ""}
        for clip in clips
    ]
    content = json.dumps([meta["format"], meta["config"], rows], sort_keys=True)
    assert meta["manifest_checksum"] == hashlib.sha256(content.encode()).hexdigest()
    meta["sha256"]["meta.json"] = meta_digest(meta)
    file.write_text(json.dumps(meta))
    assert kept(clips, tmp_path)
    refuses(
        "made with similar_labels=refuse, where similar_labels=same is asked",
        clips,
        tmp_path,
        DataConfig(size=16, similar_labels="same"),
    )


def test_of_other_settings_is_refused_with_both_named(clips, tmp_path):
    config = DataConfig(size=32, fps=10)
    refuses(r"made with size=16, fps=None, where size=32, fps=10\.0 is asked", clips, tmp_path, config)


def test_faces_of_an_earlier_version_are_kept_by_its_detector(tmp_path):
    clips = faces_of(tmp_path, ("joy", "rage"))
    earlier = DataConfig(size=16, face="crop", face_detector="haar")
    prepare(clips, tmp_path / "store", earlier)
    asked = (
        "made with face_detector=haar, where face_detector=mtcnn is asked; choose another folder, or delete this one"
    )
    refuses(f"{asked}; or keep it with --face-detector haar$", clips, tmp_path, DataConfig(size=16, face="crop"))
    refuses("delete this one$", clips, tmp_path, DataConfig(size=32, face="crop"))
    prepare(clips, tmp_path / "store", earlier)


def faces_of(folder, labels) -> list[Clip]:
    write_folder(folder / "face", range(2), image=lambda _: drawn_face())
    return [Clip("own", "p", one, 0, 1, 1, 25.0, label=one, source=str(folder / "face")) for one in labels]


def test_of_another_label_scheme_is_refused_with_both_named(clips, tmp_path):
    others = [replace(one, label={"joy": "positive", "rage": "negative"}[one.label]) for one in clips]
    refuses("of the classes joy, rage, where negative, positive are asked", others, tmp_path)


def test_of_other_annotations_is_refused_with_both_named(clips, tmp_path):
    first, *rest = clips
    refuses("clip own/p1/a has label joy, where rage is asked", [replace(first, label="rage"), *rest], tmp_path)
    refuses("clip own/p1/a has apex 9, where 10 is asked", [replace(first, apex=10), *rest], tmp_path)
    refuses(r"of other clips \(3 in it, 4 asked\)", [*clips, replace(first, name="d")], tmp_path)
    refuses("of other clips, or of the same in another order", clips[::-1], tmp_path)


def test_of_changed_frames_is_refused(clips, tmp_path):
    folder, image = tmp_path / "frames" / "a", picture(33)
    whole = (folder / "img9.png").read_bytes()
    image[3:9, 4:20] = 7
    write_image(folder / "img9.png", image)
    refuses("made before the frames of its clips were changed", clips, tmp_path)
    (folder / "img9.png").write_bytes(whole)
    assert kept(clips, tmp_path)
    write_video(tmp_path / "frames" / "c.avi", (picture(number) for number in range(1, 22)))
    refuses("made before the frames of its clips were changed", clips, tmp_path)


def test_something_else_is_refused_and_an_empty_folder_is_filled(clips, tmp_path):
    with pytest.raises(ATMGCNError, match="exists and is no frame store"):
        prepare(clips, tmp_path / "frames", SMALL)
    (tmp_path / "empty").mkdir()
    assert len(prepare(clips, tmp_path / "empty", SMALL)) == 3


def test_a_folder_in_the_way_is_left_alone(clips, tmp_path):
    write_folder(tmp_path / "next.partial", [1])
    with pytest.raises(ATMGCNError, match="exists and is no unfinished frame store; rename or delete it"):
        prepare(clips, tmp_path / "next", SMALL)
    assert (tmp_path / "next.partial" / "img1.png").exists()
    (tmp_path / "next.partial" / "img1.png").unlink()
    assert number_of(prepare(clips, tmp_path / "next", SMALL).frames[0]) == 5
