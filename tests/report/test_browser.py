"""The page in a real browser: it renders, sorts, asks for nothing, reports no error, and fits a phone."""

import re

import pytest

from atm_gcn.report.page import render, write_report
from tests.report.chromium import PATH, Chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PATH is None, reason="there is no Chromium here: apt-get install chromium"),
]
WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def browser():
    with Chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(trained, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    write_report(trained, file)
    return file


@pytest.fixture
def hostile(content, tmp_path):
    (tmp_path / "hostile.html").write_text(render(content), encoding="utf-8")
    return tmp_path / "hostile.html"


@pytest.fixture
def seven_classes(content, tmp_path):
    names = ["happiness", "disgust", "repression", "surprise", "contempt or anger", "fear", "sadness"]
    row = content["metrics"]["per_class"][0]
    content["metrics"] |= {"class_names": names, "per_class": [row | {"class": name} for name in names]}
    content["confusion"] = [[(100, 1.0)] * 7 for _ in names]
    (tmp_path / "seven.html").write_text(render(content), encoding="utf-8")
    return tmp_path / "seven.html"


def complaints(browser):
    said = [p["entry"]["text"] for p in browser.parameters("Log.entryAdded")]
    said += [str(p["args"]) for p in browser.parameters("Runtime.consoleAPICalled")]
    return said + [str(p["exceptionDetails"]) for p in browser.parameters("Runtime.exceptionThrown")]


def column(browser, table, number):
    rows = f"document.querySelectorAll('{table} tbody tr')"
    return browser.evaluate(f"Array.from({rows}, row => row.cells[{number}].innerText)")


def click(browser, table, number):
    browser.evaluate(f"document.querySelectorAll('{table} th button')[{number}].click()")
    headings = f"document.querySelectorAll('{table} thead th')"
    return browser.evaluate(f"Array.from({headings}, heading => heading.getAttribute('aria-sort'))")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_renders_without_a_complaint(browser, page, trained, width, dark):
    browser.open(page, width, dark=dark)
    assert browser.evaluate("document.querySelector('h1').innerText") == trained.name
    assert browser.evaluate("Array.from(document.images).every(image => image.complete && image.naturalWidth > 0)")
    assert browser.evaluate("document.querySelector('polyline').getBBox().width") > 100
    assert complaints(browser) == []


def test_nothing_is_requested_from_outside(browser, page):
    browser.open(page, 1280)
    addresses = {p["request"]["url"].partition(",")[0] for p in browser.parameters("Network.requestWillBeSent")}
    assert addresses == {page.as_uri(), "data:image/jpeg;base64"}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(browser, page, hostile, width):
    for file in (page, hostile):
        browser.open(file, width)
        assert browser.evaluate("document.documentElement.scrollWidth") == width
        boxes = "Array.from(document.querySelectorAll('main *:not(.scroll *)'), e => e.getBoundingClientRect().right)"
        assert browser.evaluate(f"Math.max(...{boxes})") <= width


@pytest.mark.parametrize("width", [320, 390, 600])
def test_no_column_is_cut_on_a_phone(browser, page, seven_classes, width):
    for file in (page, seven_classes):
        browser.open(file, width)
        widths = "e => [e.getAttribute('aria-label'), e.scrollWidth, e.clientWidth]"
        tables = browser.evaluate(f"Array.from(document.querySelectorAll('.scroll'), {widths})")
        assert [table for table in tables if table[1] > table[2]] == []
        assert (
            browser.evaluate("document.querySelectorAll('.sorts tbody td')[3].getBoundingClientRect().right") <= width
        )


CHOSEN = "[document.querySelector('#fold').value, document.querySelector('#curves output').value,"
CHOSEN += "Array.from(document.querySelectorAll('.curve.chosen'), e => e.dataset.name).join()]"


def on_line(browser, name):
    """Position on the screen of the middle of a fold's curve."""
    browser.evaluate("document.querySelector('#curves').scrollIntoView({behavior: 'instant'})")
    find = f"document.querySelector('.curve[data-name=\"{name}\"]').getBoundingClientRect()"
    left, right, top, bottom = browser.evaluate(f"(b => [b.left, b.right, b.top, b.bottom])({find})")
    return {"x": (left + right) / 2, "y": (top + bottom) / 2}


def test_a_tap_names_a_curve_as_pointing_at_it_does(browser, hostile):
    browser.open(hostile, 1280)
    browser.send("Input.dispatchMouseEvent", type="mouseMoved", **on_line(browser, "fold 2"))
    assert browser.evaluate(CHOSEN) == ["", "fold 2", "fold 2"]
    browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
    assert browser.evaluate(CHOSEN) == ["", "", ""]
    browser.open(hostile, 390)
    browser.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[on_line(browser, "fold 2")])
    browser.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    chosen = "document.querySelector('.curve.chosen')"
    browser.evaluate(f"new Promise(done => setInterval(() => {{ if ({chosen}) done(); }}, 10))")
    assert browser.evaluate(CHOSEN) == ["fold 2"] * 3
    assert complaints(browser) == []


def test_a_curve_is_found_by_keyboard(browser, hostile):
    browser.open(hostile, 1280)
    browser.evaluate("document.querySelector('#fold').focus()")
    for key, code in (("ArrowDown", 40), ("ArrowDown", 40)):
        for kind in ("rawKeyDown", "keyUp"):
            browser.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)
    assert browser.evaluate(CHOSEN) == ["fold 2"] * 3


def test_nothing_is_shown_by_a_mouse_only(page, hostile):
    """The browser's own tooltips need a mouse."""
    for file in (page, hostile):
        assert not re.search(r"<title>(?!.*report of an ATM-GCN run)|\stitle=", file.read_text(encoding="utf-8"))


def test_a_click_sorts_and_another_turns_round(browser, hostile):
    browser.open(hostile, 1280)
    table = "#subjects table"
    assert column(browser, table, 0) == ["tiny/s10", "tiny/s9<img src=x>", "tiny/s1"]
    assert click(browser, table, 0) == ["ascending"] + ["none"] * 5
    assert column(browser, table, 0) == ["tiny/s1", "tiny/s9<img src=x>", "tiny/s10"]  # 9 before 10
    assert click(browser, table, 1) == ["none", "descending"] + ["none"] * 4
    assert column(browser, table, 1) == ["30", "5", "4"]
    assert click(browser, table, 1)[1] == "ascending"
    assert column(browser, table, 1) == ["4", "5", "30"]
    assert complaints(browser) == []


def test_names_run_nothing(browser, hostile):
    browser.open(hostile, 1280)
    assert browser.evaluate("document.images.length") == 0
    assert browser.evaluate("document.querySelector('h1').innerText") == "run <script>alert(1)</script>"


def test_dark_and_light_differ_and_print_is_light(browser, page):
    colours = []
    for dark, media in ((False, "screen"), (True, "screen"), (True, "print")):
        browser.open(page, 1280, media=media, dark=dark)
        colours.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 23, 26)", "rgb(255, 255, 255)"]
