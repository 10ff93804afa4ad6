"""Intervals in files: tables, logs of a challenge, and what is wrong with others."""

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import spotting_scores
from atm_gcn.metrics.spotting import Interval, Spotted, read_intervals, write_log


def written(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "subject,video,onset,offset,emotion,type\n01,v_1,10,19,positive,Micro - 1/2\n1,v_1,30.0,59,,Macro\n",
        "\ufeffSubject;Video;Onset;Offset;Emotion;Type\n01;v_1;10;19;positive;micro-expression\n\n1;v_1;30;59;;mae\n",
        "vid\tpred_onset\tpred_offset\ttype\temotion\tsubject\nv_1\t10\t19\tme\tpositive\t1\nv_1\t30\t59\tMAE\t\t1\n",
    ],
)
def test_tables_of_different_hands(tmp_path, text):
    table = read_intervals(written(tmp_path, text), "truth")
    assert table.intervals == [
        Interval("v_1", 10, 19, "positive", "micro", "1"),
        Interval("v_1", 30, 59, None, "macro", "1"),
    ]
    assert table.videos == [("1", "v_1")]


def test_a_row_without_frames_is_a_video_without_expression(tmp_path):
    table = read_intervals(written(tmp_path, "video,onset,offset\nv,,\nw,1,9\n"), "predicted")
    assert table.intervals == [Interval("w", 1, 9)] and table.videos == [("", "v"), ("", "w")]


LOG = "s15/v,10,19,11,20,TP,micro\ns15/v,50,69,,,FN,macro\ns16/u,,,5,9,FP,3\n"


def test_a_log_holds_both_sides(tmp_path):
    path = written(tmp_path, LOG)
    truth, found = (read_intervals(path, side) for side in ("truth", "predicted"))
    assert truth.intervals == [Interval("s15/v", 10, 19), Interval("s15/v", 50, 69, kind="macro")]
    assert found.intervals == [Interval("s15/v", 11, 20), Interval("s16/u", 5, 9)]
    assert truth.videos == found.videos == [("", "s15/v"), ("", "s16/u")]


def test_a_log_that_is_written_is_read_as_it_was(tmp_path):
    truth = [("v", 10, 19, None, "micro", "1"), ("v", 50, 69, None, "macro", "1"), ("=w", 1, 9, None, "micro", "1")]
    scores = spotting_scores(truth, [("v", 11, 20, None, "micro", "1"), ("v", 90, 99, None, "micro", "1")])
    write_log(tmp_path / "log.csv", scores)
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines()[0] == "1/v,10,19,11,20,TP,micro"
    sides = (read_intervals(tmp_path / "log.csv", side).intervals for side in ("truth", "predicted"))
    assert spotting_scores(*sides).overall == scores.overall == Spotted(1, 1, 2)
    write_log(tmp_path / "log.csv", spotting_scores([], []))
    assert (tmp_path / "log.csv").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty; a table has the columns video, onset and offset"),
        ("video,start,end\nv,1,2\n", "has no column onset and offset; a table has"),
        ("video,onset,offset\nv,9,3\n", "line 2: offset 3 is before onset 9; correct the frames"),
        ("video,onset,offset\nv,1,2\nv,x,3\n", "line 3: onset 'x' is no number of a frame"),
        ("video,onset,offset\nv,1.5,3\n", "line 2: onset '1.5' is no number of a frame"),
        ("video,onset,offset\nv,1,\n", "line 2: offset '' is no number of a frame"),
        ("video,onset,offset\nv\n", "line 2: has too few cells"),
        ("video,onset,offset\n,1,2\n", "line 2: the video has no name"),
        ("video,onset,offset,type\nv,1,2,mini\n", "line 2: type 'mini' is neither micro nor macro"),
        (LOG + "v,1,2,3,4,XX\n", "line 4: 'XX' stands where TP, FP or FN should"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, complaint):
    path = written(tmp_path, text)
    with pytest.raises(ATMGCNError) as error:
        read_intervals(path, "truth")
    assert str(error.value).startswith(f"{path}: ") and complaint in str(error.value)


def test_other_encodings_are_named(tmp_path):
    (tmp_path / "t.csv").write_bytes("video,onset,offset\nv\xe9,1,2\n".encode("latin-1"))
    with pytest.raises(ATMGCNError, match="is not text in UTF-8"):
        read_intervals(tmp_path / "t.csv", "truth")
