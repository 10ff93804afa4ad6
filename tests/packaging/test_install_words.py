"""What pages and errors say about installation agrees with setup.cfg and works in a checkout."""

import configparser
import re
from pathlib import Path

import pytest

from atm_gcn.errors import ATMGCNError, install_command, require

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "docs").rglob("*.md"), *(ROOT / "atm_gcn").rglob("*.py")]
TEXTS = [path for path in TEXTS if "_build" not in path.parts]
VERSIONS = ["3.11", "3.12"]


@pytest.fixture(scope="module")
def setup_cfg():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_nothing_is_installed_from_an_index_that_has_it_not():
    name = re.compile(r"pip install ([^\n#]* )?['\"]?atm-gcn\b(?!\")")
    wrong = [
        path.name for path in TEXTS if name.search(path.read_text("utf-8").replace("in the checkout of atm-gcn", ""))
    ]
    assert wrong == []


def test_the_extras_that_are_named_exist(setup_cfg):
    extras, named = set(setup_cfg["options.extras_require"]), set[str]()
    for path in TEXTS:
        text = path.read_text("utf-8")
        found = re.findall(r"'\.\[([a-z,]+)\]'", text)
        found += re.findall(r'require\([^()]*?"(?:[a-z_]+)", "([a-z]+)",', text)
        found += re.findall(r"install_command\([\"']([a-z]+)[\"']\)", text)
        named |= {extra for group in found for extra in group.split(",")}
    assert {"train", "excel", "ray", "distributed"} <= named <= extras


def test_an_error_says_what_to_run_in_the_checkout():
    assert install_command("excel") == "pip install -e '.[excel]' in the checkout of atm-gcn"
    with pytest.raises(ATMGCNError, match=r"reading needs absent_one, which is not installed: pip install -e '\.\[ex"):
        require("absent_one.part", "excel", "reading")


def test_all_places_name_the_same_versions_of_python(setup_cfg):
    assert setup_cfg["options"]["python_requires"] == ">=3.11,<3.13"
    classifiers = setup_cfg["metadata"]["classifiers"]
    assert re.findall(r"Python :: (3\.\d+)", classifiers) == VERSIONS
    assert "(3, 11) <= sys.version_info[:2] <= (3, 12)" in (ROOT / "Makefile").read_text("utf-8")
    for page in ("README.md", "docs/install.md"):
        assert "Python 3.11 or 3.12" in (ROOT / page).read_text("utf-8")
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    assert 'python: ["3.11", "3.12"]' in workflow


def test_the_page_says_how_to_get_torch_for_cpus():
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    assert "torch --index-url https://download.pytorch.org/whl/cpu" in page


def test_the_readme_says_why_no_weights_are_shipped():
    assert "No trained weights are shipped" in " ".join((ROOT / "README.md").read_text("utf-8").split())
