"""Tables joined with folders of frames, in the layouts that are handed out."""

import shutil

import numpy as np
import pytest

from atm_gcn.data import dataset_clips
from atm_gcn.data.annotations.frame_check import fit_to_frames
from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError

from .tables import FILE_NAMES, write_frames
from .trees import build, build_composite

FIRST_FOLDERS = {
    "casme": "Cropped/sub01/EP01_0",
    "casmesq": "rawpic/s15/15_0401girlcrashing",
    "sammlv": "SAMM_longvideos/007_2",
    "casme3c": "part_C/01/a/color",
    "mmew": "Micro_Expression/surprise/S01-01-001",
    "4dme": "gray_micro/S01/001_00_1",
    "casme2": "Cropped/sub01/EP01_00f",
    "samm": "006/006_1_0",
    "smic": "HS/s1/micro/negative/s1_ne_01",
    "casme3": "part_A/spNO.1/a/color",
}


@pytest.mark.parametrize("dataset", FIRST_FOLDERS)
@pytest.mark.parametrize("below", ["", "data/copy"])
def test_true_layouts(tmp_path, dataset, below):
    root = build(tmp_path / below, dataset)
    clips, problems = dataset_clips(dataset, tmp_path)
    left_out = [problem for problem in problems if "has no class under" in problem.kind]
    kinds = [int(problem.kind.split()[0]) for problem in problems if problem.code == "other-kind"]
    assert len(clips) + len(left_out) + sum(kinds) == 8
    assert clips[0].source == str((root / FIRST_FOLDERS[dataset]).absolute())
    assert all(clip.label for clip in clips)
    assert [problem for problem in problems if problem.action == "dropped"] == left_out


def test_composite_joins_three_trees(tmp_path):
    clips, problems = dataset_clips("composite", build_composite(tmp_path))
    assert {clip.dataset for clip in clips} == {"casme2", "samm", "smic"}
    assert {clip.label for clip in clips} == {"negative", "positive", "surprise"}
    assert all(clip.offset == clip.onset + 6 for clip in clips)
    assert not [problem for problem in problems if problem.action == "dropped"]


def test_raw_folder_serves_where_there_is_no_cropped_one(tmp_path):
    build(tmp_path, "casme2")
    shutil.copytree(tmp_path / "Cropped", tmp_path / "CASME2_RAW_selected")
    clips, problems = dataset_clips("casme2", tmp_path)
    assert "/Cropped/" in clips[0].source
    assert any("not from" in problem.kind and "RAW_selected" in problem.kind for problem in problems)
    shutil.rmtree(tmp_path / "Cropped")
    assert "/CASME2_RAW_selected/" in dataset_clips("casme2", tmp_path)[0][0].source


def test_smic_of_high_speed_and_not_of_the_other_cameras(tmp_path):
    build(tmp_path, "smic")
    for camera in ("A_VIS", "NIR", "VIS"):
        shutil.copytree(tmp_path / "HS", tmp_path / camera)
    assert all("/HS/" in clip.source for clip in dataset_clips("smic", tmp_path)[0])


def test_smic_without_a_table(tmp_path):
    with_table = dataset_clips("smic", build(tmp_path, "smic"))[0]
    (tmp_path / f"{FILE_NAMES['smic']}.csv").unlink()
    without, problems = dataset_clips("smic", tmp_path)
    assert sorted(without, key=str) == sorted(with_table, key=str)
    assert "there is no table" in problems[0].kind


def test_casme3_as_cut_out_clips(tmp_path):
    root = build(tmp_path, "casme3")
    for number, onset in ((1, 175), (2, 215)):
        write_frames(root / "cut" / "frame" / f"spNo.{number}_{'ab'[number - 1]}_{onset}", "{}.jpg", onset, onset + 6)
    shutil.rmtree(root / "part_A")
    clips, problems = dataset_clips("casme3", root)
    assert [clip.key for clip in clips] == ["casme3/spNO.1/a_175", "casme3/spNO.2/b_215"]
    assert sum("no folder of frames" in problem.kind for problem in problems) == 6


def test_missing_folder_and_missing_frames(tmp_path):
    root = build(tmp_path, "samm")
    shutil.rmtree(root / "007")
    (root / "006" / "006_1_0" / "006_00566.jpg").unlink()  # the offset
    clips, problems = dataset_clips("samm", root)
    assert (clips[0].onset, clips[0].apex, clips[0].offset) == (560, 563, 565)
    (about,) = (problem for problem in problems if problem.clip == clips[0].key)
    assert (about.row, about.action) == (15, "repaired")
    assert about.kind == "1 of 7 frames missing: read as frames 560 to 565"
    assert [p.row for p in problems if "no folder of frames" in p.kind] == [16, 20]


@pytest.mark.parametrize(
    ("there", "apex", "expected"),
    [
        (range(10, 21), 15, (10, 15, 20)),
        (range(12, 30), 15, (12, 15, 20)),  # begins late
        (range(1, 18), 15, (10, 15, 17)),  # ends early
        ([*range(10, 18), 19, 20], 15, (10, 15, 17)),  # a gap: the run with the apex
        ([*range(10, 13), *range(14, 21)], 11, None),  # the apex lies in the short run
        ([*range(10, 13), *range(14, 21)], None, (14, None, 20)),
        ([*range(10, 15), *range(16, 21)], 15, None),  # neither run is half of the clip
        (range(12, 21), 11, (12, None, 20)),  # the apex itself is missing
        (range(15, 21), 15, None),  # nothing before the apex
        (range(30, 40), 15, None),
        ([], 15, None),
    ],
)
def test_fitting_a_clip_to_the_frames_that_are_there(there, apex, expected):
    clip = Clip("casme3", "spNO.1", "a_10", 10, apex, 20, 30.0)
    fitted, notes = fit_to_frames(clip, np.array(there, dtype=np.int64))
    assert (fitted and (fitted.onset, fitted.apex, fitted.offset)) == expected
    actions = [note.action for note in notes]
    assert actions == ([] if len(there) == 11 and expected else ["repaired"] if expected else ["dropped"])


def test_no_frames_at_all(tmp_path):
    shutil.rmtree(build(tmp_path, "casme2") / "Cropped")
    with pytest.raises(ATMGCNError, match=r"holds no frames of CASME II, .* such as Cropped/sub01"):
        dataset_clips("casme2", tmp_path)


def test_wrong_scheme(tmp_path):
    build(tmp_path, "casme2")
    with pytest.raises(ATMGCNError, match="samm-5 is for samm"):
        dataset_clips("casme2", tmp_path, "samm-5")
    with pytest.raises(ATMGCNError, match=r"scheme must be .*, not 'casme2-4'; did you mean 'casme2-5'"):
        dataset_clips("casme2", tmp_path, "casme2-4")
    with pytest.raises(ATMGCNError, match="own labels"):
        dataset_clips("manifest", tmp_path, "samm-5")
