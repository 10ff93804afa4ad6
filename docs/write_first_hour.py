"""Run examples/first_hour.ipynb and write docs/first-hour.md from it: ``python -m docs.write_first_hour``.

The page has every cell and what it printed; pictures go to docs/first-hour/. Needs the extra [notebook].
"""

import base64
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "examples" / "first_hour.ipynb"
PAGE = ROOT / "docs" / "first-hour.md"
HEAD = "<!-- Written by python -m docs.write_first_hour from examples/first_hour.ipynb. -->"
PICTURE_WIDTH = 1000  # pixels at most
CELL_SECONDS = 1800


def run(folder: Path) -> NotebookNode:
    """Run the notebook in an empty folder.

    Returns:
        The notebook with its outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # for atm-gcn
        "PYTHONWARNINGS": "ignore:IProgress not found",  # about a widget, from tqdm
    }
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(folder)}})
    return client.execute(env=environment)


def page_of(notebook: NotebookNode, folder: Path, pictures: Path) -> str:
    """The notebook as Markdown.

    Args:
        notebook: With its outputs.
        folder: Where it was run; its name is left out of the page.
        pictures: Folder for its pictures, as JPEG files.
    """
    parts = [HEAD]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(text_of(cell))
            continue
        parts.append(code_of(cell))
        parts += outputs_of(cell, pictures)
    return "\n\n".join(parts).replace(f"{folder}/", "") + "\n"


def text_of(cell: NotebookNode) -> str:
    """The text of a cell, with links as from docs/."""
    return cell.source.replace("](../docs/", "](")


def code_of(cell: NotebookNode) -> str:
    """The source of a cell, fenced."""
    source = cell.source.removeprefix("%%bash\n")
    return fenced("python" if source == cell.source else "bash", source)


def outputs_of(cell: NotebookNode, pictures: Path) -> Iterator[str]:
    """What a cell printed, fenced, and links to its pictures."""
    text = ""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "image/png" in data:
            pictures.mkdir(exist_ok=True)
            name = f"{cell.metadata.picture}.jpg"
            save_picture(data["image/png"], pictures / name)
            yield f"![{cell.metadata.alt}]({pictures.name}/{name})"
        else:
            text += output.get("text") or data.get("text/plain", "")
    if text.strip():
        yield fenced("text", text)


def fenced(language: str, text: str) -> str:
    """A fenced block without trailing spaces."""
    lines = (line.rstrip() for line in text.strip("\n").splitlines())
    return "\n".join([f"```{language}", *lines, "```"])


def save_picture(png: str, path: Path) -> None:
    """Write a picture of a notebook as a JPEG file."""
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_COLOR)
    scale = min(1, PICTURE_WIDTH / picture.shape[1])
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])


def code_blocks(page: str) -> list[str]:
    """The code that a page shows."""
    return re.findall(r"^```(?:python|bash)\n.*?^```", page, re.DOTALL | re.MULTILINE)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = page_of(run(Path(folder)), Path(folder), PAGE.with_suffix(""))
    PAGE.write_text(page, encoding="utf-8")
    print(f"written to {PAGE}", file=sys.stderr)


if __name__ == "__main__":
    main()
