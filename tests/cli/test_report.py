"""``atm-gcn report``: the scores on stdout, the page beside them."""

from atm_gcn.cli import main


def test_scores_and_page(trained, tmp_path, capsys):
    capsys.readouterr()
    assert main.run(["report", str(trained), "--out", str(tmp_path / "a.html")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("9 clips of 3 subjects") and "true\\predicted" in out
    assert err == f"written to {tmp_path / 'a.html'}\n" and "written to" not in out
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_page_lies_in_the_run_unless_told(trained, capsys):
    assert main.run(["report", str(trained)]) == 0
    page = trained / "report.html"
    assert f"written to {page}" in capsys.readouterr().err
    page.unlink()


def test_a_store_that_is_gone_is_said(trained, tmp_path, capsys):
    arguments = ["report", str(trained), "--store", str(tmp_path / "gone"), "--out", str(tmp_path / "a.html")]
    assert main.run(arguments) == 0
    assert "the report has no pictures of clips:" in capsys.readouterr().err


def test_no_run_is_one_line(tmp_path, capsys):
    assert main.run(["report", str(tmp_path / "none")]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "is not the folder of a run" in err


def test_help_shows_an_example(capsys):
    assert main.run(["report", "--help"]) == 0
    assert "atm-gcn report RUN --out report.html" in capsys.readouterr().out
