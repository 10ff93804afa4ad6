"""``atm-gcn score spotting``: what is printed, its JSON, and its log."""

import json

import pytest

from atm_gcn.cli import main

TRUTH = "subject,video,onset,offset,emotion\n1,v,10,29,a\n1,v,50,69,b\n2,w,5,14,a\n"
FOUND = "subject,video,onset,offset,emotion\n1,v,11,30,a\n1,v,52,71,a\n2,u,1,9,b\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "truth.csv").write_text(TRUTH)
    (tmp_path / "found.csv").write_text(FOUND)
    return str(tmp_path / "truth.csv"), str(tmp_path / "found.csv")


def score(capsys, *arguments):
    return (main.run(["score", "spotting", *map(str, arguments)]), *capsys.readouterr())


def test_the_table(files, capsys):
    code, out, err = score(capsys, *files)
    assert (code, err) == (0, "")
    assert "3 videos\n" in out and "overall           2      1      1     0.6667   0.6667   0.6667" in out
    assert "analysis of what was spotted: a, b" in out
    assert "STRS 0.2222: F1 of spotting 0.6667 times F1 of analysis 0.3333" in out
    assert "95 % over videos: F1 " in out


def test_the_json_and_its_published_twin(files, capsys):
    code, out, _ = score(capsys, *files, "--json")
    record = json.loads(out)
    assert code == 0 and record["overall"] == record["micro"]
    assert record["overall"] | {"tp": 2, "fp": 1, "fn": 1} == record["overall"]
    assert record["strs"] == pytest.approx(2 / 3 * 1 / 3)
    assert record["analysis"]["uar"] == 0.5 and set(record["interval_95"]) == {"f1", "strs"}
    published = json.loads(score(capsys, *files, "--json", "--as-published")[1])
    assert published["overall"]["fp"] == 0 and published["analysis"]["uar"] == 0.25 and "interval_95" not in published
    none = json.loads(score(capsys, *files, "--json", "--as-published", "--classes", "c")[1])
    assert none["analysis"]["f1"] is None and none["strs"] is None


def test_kinds_have_rows_of_their_own(tmp_path, capsys):
    path = tmp_path / "truth.csv"
    path.write_text("video,onset,offset,type\nv,10,29,micro\nv,50,99,macro\n")
    out = score(capsys, path, path)[1]
    assert [line.split()[0] for line in out.splitlines() if "1.0000" in line] == ["micro", "macro", "overall"]
    for kind in ("micro", "macro"):
        record = json.loads(score(capsys, path, path, "--json", "--kind", kind)[1])
        assert record["overall"] == record[kind] and record["overall"]["tp"] == 1


def test_the_log_is_written_and_scored(files, tmp_path, capsys):
    log = tmp_path / "log.csv"
    assert score(capsys, *files, "--log", log)[0] == 0
    assert log.read_text().splitlines() == [
        "1/v,10,29,11,30,TP,micro",
        "1/v,50,69,52,71,TP,micro",
        "2/w,5,14,,,FN,micro",
        "2/u,,,1,9,FP,micro",
    ]
    assert json.loads(score(capsys, log, log, "--json")[1])["overall"]["tp"] == 2


def test_errors_are_one_line(files, tmp_path, capsys):
    assert score(capsys, files[0], tmp_path / "none.csv") == (
        1,
        "",
        f"atm-gcn: error: {tmp_path / 'none.csv'}: No such file or directory\n",
    )
    (tmp_path / "bad.csv").write_text("video,onset,offset\nv,9,3\n")
    code, out, err = score(capsys, files[0], tmp_path / "bad.csv")
    assert (code, out) == (1, "") and err.endswith("line 2: offset 3 is before onset 9; correct the frames\n")
