"""The notebook of the first hour runs, and the page that was written from it shows its cells."""

import pytest

pytest.importorskip("nbclient")
import nbformat

from docs.write_first_hour import NOTEBOOK, PAGE, code_blocks, code_of, page_of, run, text_of


def test_the_page_shows_the_notebook_as_it_is():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    shown = PAGE.read_text(encoding="utf-8")
    assert code_blocks(shown) == [code_of(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert all(text_of(cell) in shown for cell in notebook.cells if cell.cell_type == "markdown")
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit the notebook without outputs"


@pytest.mark.slow
def test_the_notebook_runs(tmp_path):
    page = page_of(run(tmp_path), tmp_path, tmp_path / "pictures")
    assert "which held this clip out" in page  # a clip of the run
    assert "95 % interval" in page
    assert "chance" in page
    assert {file.name for file in (tmp_path / "pictures").iterdir()} == {"explanation.jpg", "curve.jpg"}
    table = (tmp_path / "predictions.csv").read_text(encoding="utf-8")
    assert all(f"own/{name}.mp4" in table for name in ("anna", "ben", "carla"))
