"""The page as text: what it says, that names cannot break out of it, and that it is written whole."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from atm_gcn.data import FrameStore, prepare
from atm_gcn.data.store import JoinedStore
from atm_gcn.data.store.clip_store import SelectedClips
from atm_gcn.errors import ATMGCNError
from atm_gcn.report.mistakes import Mistake, open_stores, with_pictures
from atm_gcn.report.page import render, write_report
from atm_gcn.training.results.run_record import StoreRecord
from atm_gcn.training.results.run_results import RunResults
from tests.runs import tiny_clips

VOID = {"meta", "link", "img", "br"}


class Checker(HTMLParser):
    """Every tag is closed in its place, and no id comes twice."""

    def __init__(self, page):
        super().__init__()
        self.open, self.ids, self.addresses = [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_run_with_its_store(trained, tmp_path):
    assert write_report(trained, tmp_path / "a.html") == ""
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    checked = Checker(page)
    assert len(set(checked.ids)) == len(checked.ids)
    assert all(address.startswith(("#", "data:")) for address in checked.addresses)
    assert {"#" + i for i in checked.ids} >= {a for a in checked.addresses if a.startswith("#")}
    assert "9 clips of 3 subjects (tiny), each held out once" in page
    assert page.count("<polyline") == 2 * 3
    assert page.count('<img src="data:image/jpeg;base64,') == 3 * page.count("<h3>") > 0
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]
    write_report(trained, tmp_path / "b.html")
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == page


def test_names_are_text_and_nothing_else(content):
    page = render(content)
    Checker(page)
    assert "&lt;b&gt;down&lt;/b&gt;" in page and "left &amp; right" in page and "# &lt;none&gt;" in page
    assert "<b>down" not in page and "<img src=x>" not in page and "<script>alert" not in page


def test_control_characters_and_direction_marks_are_shown(content):
    content["metrics"]["class_names"] = ["a\x1b[2J", "b\u202ec", "still"]
    content["name"] = "run\u2066"
    page = render(content)
    Checker(page)
    assert r"a\x1b[2J" in page and r"b\u202ec" in page and r"run\u2066" in page
    assert not set("\x1b\u202e\u2066") & set(page) and "model:\n  heads: 2" in page


def test_the_page_may_ask_for_nothing(content):
    page = render(content)
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)


def test_without_the_store_it_says_so(trained, tmp_path):
    no_pictures = write_report(trained, tmp_path / "a.html", store=tmp_path / "gone")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "is no frame store" in no_pictures
    assert "There are no pictures:" in page and "<img" not in page


def test_no_mistakes(content):
    assert "Every prediction is correct." in render(content)


def test_interval_and_chance_stand_beside_the_scores(content):
    page = render(content)
    assert "95 %: 0.21–0.70" in page and "chance 0.321" in page
    assert "--low: 0.214; --high: 0.700; --score: 0.500; --chance: 0.321" in page
    assert '<p class="note">UF1 is not distinguishable from chance.</p>' in page
    assert "UF1 0.200, UAR 0.333 and ACC 0.500" in page


def test_a_run_of_few_subjects_says_so(trained, tmp_path):
    write_report(trained, tmp_path / "a.html")
    assert "With only 3 subjects, UF1 over all people may be" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_seeds_stand_beside_their_mean(content):
    content["metrics"] |= {
        "std": {"uf1": 0.0625, "uar": 0.1, "acc": 0.1},
        "seeds": [{"seed": 7, "uf1": 0.1, "uar": 0.2, "acc": 0.3}],
    }
    page = render(content)
    Checker(page)
    assert "± 0.062" in page and '<th scope="row">7</th>' in page and ">2.0</td>" in page


def test_the_ensemble_of_seeds_has_a_table_of_its_own(content):
    interval = dict.fromkeys(("uf1", "uar", "acc"), (0.2, 0.7))
    content["ensemble"] = {"uf1": 0.625, "uar": 0.5, "acc": 0.5, "interval": interval, "name": "7-seed ensemble"}
    content["ensemble"]["note"] = "Compare it with ensembles."
    page = render(content)
    Checker(page)
    assert '<th scope="row">7-seed ensemble</th>' in page and "<p>Compare it with ensembles.</p>" in page
    assert ">0.625</td>" in page and "0.20–0.70" in page


def test_a_model_of_all_clips_has_no_scores(content):
    bare = {key: content[key] for key in ("name", "charts", "config", "facts")}
    page = render(bare | {"metrics": {"num_clips": 12, "protocol": "trained on all clips, not tested"}})
    Checker(page)
    assert "A model of 12 clips, trained on all clips, not tested: nobody was held out" in page
    assert 'id="scores"' not in page


def test_what_cannot_be_written_leaves_the_earlier_page(trained, tmp_path):
    (tmp_path / "a.html").mkdir()
    with pytest.raises(ATMGCNError, match="cannot be written"):
        write_report(trained, tmp_path / "a.html")
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]


def test_clips_of_every_store_are_drawn(trained, tmp_path):
    whole = FrameStore.open(RunResults(trained).folder.record.store.path)
    clips = [one.clip for one in whole.clips]
    strangers = [replace(clip, subject="s7") for clip in tiny_clips(tmp_path / "clips", 1)]
    other = prepare(strangers, tmp_path / "store", whole.config)
    record = StoreRecord.of(JoinedStore(SelectedClips(whole, range(3, 9)), SelectedClips(other, [0, 1])))
    mistakes = [Mistake(key, "a", "b", {"a": 0.1, "b": 0.9}) for key in (clips[3].key, "tiny/s7/c1", "tiny/s9/c0")]
    drawn = with_pictures(mistakes, trained, open_stores(record))
    assert [len(one.pictures) for one in drawn] == [3, 3, 0]
    assert open_stores(record, whole.path)[0].path == whole.path
