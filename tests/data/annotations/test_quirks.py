"""Quirks of CASME, MMEW and 4DME, whose folders hold single clips."""

import shutil

import pytest

from atm_gcn.data import dataset_clips, read_annotations
from atm_gcn.data.annotations.frame_tree import find_frames
from atm_gcn.data.annotations.spec import SPECS
from atm_gcn.errors import ATMGCNError

from .further_tables import casme, fourdme, mmew
from .tables import casme2, write, write_frames
from .trees import build


def test_casme_as_published(tmp_path):
    clips, problems = read_annotations("casme", write(tmp_path / "t.xlsx", casme()))
    assert (len(clips), problems) == (24, [])
    assert (clips[1].key, clips[1].emotion, clips[1].fps) == ("casme/sub02/EP02_1", "disgust", 60.0)
    assert (clips[1].onset, clips[1].apex, clips[1].offset) == (41, 49, 61)


@pytest.mark.parametrize(("frames", "expected"), [((90, 60, 40), (40, 60, 90)), ((40, 30, 60), (40, None, 60))])
def test_casme_frames_out_of_order(tmp_path, frames, expected):
    table = casme()
    table[1][3], table[1][4], table[1][6] = frames
    clips, problems = read_annotations("casme", write(tmp_path / "t.csv", table))
    assert (clips[0].onset, clips[0].apex, clips[0].offset) == expected
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [(2, "order", "repaired")]


def test_casme_and_casme2_are_told_apart_by_their_emotions(tmp_path):
    with pytest.raises(ATMGCNError, match="read it as dataset casme2"):
        read_annotations("casme", write(tmp_path / "t.csv", casme2()))
    with pytest.raises(ATMGCNError, match=r"read it as dataset casme$"):
        read_annotations("casme2", write(tmp_path / "t.csv", casme()))


def test_more_subjects_than_published(tmp_path):
    table = casme()
    for number, row in enumerate(table[1:21], start=1):
        row[0] = number
    problems = read_annotations("casme", write(tmp_path / "t.csv", table))[1]
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [(1, "too-many-subjects", "kept")]
    table[20][0] = 2
    assert read_annotations("casme", write(tmp_path / "t.csv", table))[1] == []


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ((1, 4, 30), (1, 4, 7)),  # the offset lies beyond the folder
        ((1, 12, 30), (1, None, 7)),  # and the apex, too
        ((101, 104, 107), (1, None, 7)),  # numbers of the recording
        ((2, 4, 6), (2, 4, 6)),
    ],
)
def test_a_folder_of_one_clip_corrects_its_frames(tmp_path, frames, expected):
    root = build(tmp_path, "mmew")
    table = mmew(8)
    table[1][2:5] = frames
    write(root / "MMEW_Micro_Exp.csv", table)
    clips, problems = dataset_clips("mmew", root)
    assert (clips[0].onset, clips[0].apex, clips[0].offset) == expected
    mine = [problem for problem in problems if problem.clip == clips[0].key]
    assert [problem.code for problem in mine] == ["folder-frames"] * (frames[2] > 7)


def test_a_folder_with_a_gap_corrects_nothing(tmp_path):
    root = build(tmp_path, "casme")
    (root / "Cropped" / "sub01" / "EP01_0" / "reg_EP01_5-42.jpg").unlink()
    clips, problems = dataset_clips("casme", root)
    assert [problem.code for problem in problems if problem.clip == "casme/sub01/EP01_0"] == ["missing-frames"]
    assert "casme/sub01/EP01_0" not in {clip.key for clip in clips if clip.onset == 40 and clip.offset == 46}


def test_mmew_below_folders_of_subjects(tmp_path):
    root = build(tmp_path, "mmew")
    before = dataset_clips("mmew", root)[0]
    moved = tmp_path / "by_subject"
    for folder in sorted((root / "Micro_Expression").glob("*/*")):
        shutil.copytree(folder, moved / folder.name[:3] / folder.parent.name / folder.name)
    shutil.rmtree(root / "Micro_Expression")
    after = dataset_clips("mmew", root)[0]
    assert [clip.key for clip in after] == [clip.key for clip in before]
    assert all("by_subject/S0" in clip.source for clip in after)


def test_repression_means_others_in_mmew(tmp_path):
    table = mmew(3)
    table[1][6] = "repression"
    clips, problems = read_annotations("mmew", write(tmp_path / "t.csv", table))
    assert clips[0].emotion == "others"
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [(2, "spelling", "repaired")]


def test_4dme_as_published(tmp_path):
    clips, problems = read_annotations("4dme", write(tmp_path / "t.xlsx", fourdme()))
    assert (len(clips), problems) == (24, [])
    assert (clips[1].key, clips[1].emotion) == ("4dme/S02/002_01_1", "negative")
    assert [clip.action_units for clip in clips[:4]] == ["AU4", "L7", "AUR2+45", "AU1+AU4"]
    assert clips[2].emotion == "positive+surprise"


def test_4dme_clips_of_two_emotions_have_no_class(tmp_path):
    root = build(tmp_path, "4dme")
    clips, problems = dataset_clips("4dme", root)
    assert len(clips) == 7 and "4dme/S03/003_02_1" not in {clip.key for clip in clips}
    assert [problem.kind for problem in problems if not problem.is_note] == [
        "emotion 'positive+surprise' has no class under 4dme-5"
    ]


def test_4dme_emotions_of_the_columns(tmp_path):
    table = fourdme(4)
    table[1][3], table[2][3] = None, "Others"
    clips, problems = read_annotations("4dme", write(tmp_path / "t.csv", table))
    assert [clip.emotion for clip in clips[:2]] == ["positive", "others"]
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [
        (2, "emotion-from-columns", "repaired"),
        (3, "emotion-contradicted", "kept"),
    ]


def test_4dme_units_at_rest_alone_are_none(tmp_path):
    table = fourdme(2)
    table[1][12] = "AU4(k)+AU7(k"
    clips, problems = read_annotations("4dme", write(tmp_path / "t.csv", table))
    assert clips[0].action_units == ""
    assert [(problem.row, problem.code) for problem in problems] == [(2, "action-units")]


def test_tables_of_other_datasets_lack_the_headings_of_4dme(tmp_path):
    with pytest.raises(ATMGCNError, match="lacks a column foldname"):
        read_annotations("4dme", write(tmp_path / "t.csv", casme2()))
    with pytest.raises(ATMGCNError, match="read it as dataset 4dme"):
        read_annotations("samm", write(tmp_path / "t.csv", fourdme()))


def test_sammlv_beside_samm(tmp_path):
    root = build(tmp_path, "sammlv")
    write_frames(root / "006" / "006_1_2", "006_{:05d}.jpg", 1, 3)
    assert find_frames(SPECS["sammlv"], root).root == root / "SAMM_longvideos"
    assert find_frames(SPECS["samm"], root).folders == {"006/006_1_2": root / "006" / "006_1_2"}
