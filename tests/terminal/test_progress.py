"""Progress bars: on a terminal, with the time left, and gone at the end."""

import io
import os

import pytest

from atm_gcn.terminal import progress
from atm_gcn.terminal.progress import progress_bar, show_progress, track


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def open_screen(monkeypatch):
    """Makes stderr a terminal on which bars appear at once; called by the test, since pytest sets stderr before."""

    def make() -> Terminal:
        screen = Terminal()
        monkeypatch.setattr("sys.stderr", screen)
        monkeypatch.setattr(progress, "DELAY", 0)
        return screen

    yield make
    show_progress(True)


def test_a_bar_counts_says_what_is_left_and_disappears(open_screen):
    screen = open_screen()
    with progress_bar(4, "frames read", "clips", initial=1) as bar:
        bar.update()
        bar.refresh()
    shown = [line for line in screen.getvalue().split("\r") if line]
    assert shown[0].startswith("frames read:  25%|") and shown[0].rstrip().endswith("| 1 of 4 clips, ? left")
    assert "| 2 of 4 clips, " in shown[-2] and shown[-1].strip() == ""


def test_a_bar_of_unknown_length_counts(open_screen):
    screen = open_screen()
    with progress_bar(None, "predicted", "s") as bar:
        bar.update(2.6)
        bar.refresh()
    assert "predicted: 3 s, 00:00 elapsed" in screen.getvalue()


def test_what_is_tracked_passes_unchanged(open_screen):
    screen = open_screen()
    assert list(track("abc", "read", "letters")) == ["a", "b", "c"]
    assert list(track(iter([1, 2]), "read", total=2)) == [1, 2]
    assert "0 of 3 letters" in screen.getvalue() and "0 of 2 clips" in screen.getvalue()


@pytest.mark.parametrize("hidden", ["file", "option", "visible", "soon"])
def test_nothing_appears_where_nobody_looks_or_nothing_takes_long(open_screen, monkeypatch, hidden):
    screen = open_screen()
    if hidden == "file":
        monkeypatch.setattr(screen, "isatty", lambda: False)
    if hidden == "option":
        show_progress(False)
    if hidden == "soon":
        monkeypatch.setattr(progress, "DELAY", 1000)
    assert list(track(range(3), "read", visible=hidden != "visible")) == [0, 1, 2]
    assert screen.getvalue().strip() == ""


def test_a_terminal_without_a_size_has_eighty_columns(monkeypatch):
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w") as screen:
        monkeypatch.setattr("sys.stderr", screen)
        assert progress.bar_size() == {"ncols": 80, "nrows": 24}
