"""The option ``--faces`` of ``check``: a page of the faces of all clips."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atm_gcn.cli._shared.clip_options import CHOICES
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs, name_written
from atm_gcn.cli._shared.types import FaceChoice, option_group
from atm_gcn.errors import some_of

if TYPE_CHECKING:
    from atm_gcn.config import DataConfig
    from atm_gcn.data import FrameStore
    from atm_gcn.data.clip_pictures.face_check import FaceCheck

DEFAULT = Path("faces.html")
NAMED = 3  # clips on the terminal; the page has all

face_sheet_options = option_group(
    click.option("--faces", is_flag=True, help="Also write a page that shows the face and the drift of every clip."),
    click.option("--out", type=OutputFile(), help=f"File of --faces; by default {DEFAULT} in this folder."),
    FORCE,
    click.option("--face-detector", metavar="NAME", help="mtcnn (default), haar, or the ONNX file of a YuNet."),
    click.option(
        "--face-choice",
        type=FaceChoice([]),
        help=f"{CHOICES}; by default the largest.",
    ),
)


@dataclass(frozen=True)
class DrawnFaceSheet:
    """A page that was written.

    Args:
        path: The file.
        checks: The clips on it.
    """

    path: Path
    checks: Sequence["FaceCheck"]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: ``faces`` with the counts, the file, and a row per clip."""
        from atm_gcn.report.face_sheet import counts_of, row_of

        return {
            "faces": counts_of(self.checks) | {"page": str(self.path), "of_clips": [row_of(one) for one in self.checks]}
        }

    def to_text(self) -> str:
        """For the terminal."""
        from atm_gcn.report.face_sheet import counts_of

        counts = counts_of(self.checks)
        found = counts["clips"] - counts["without_face"]
        text = f"faces     in {found} of {counts['clips']} clips, several in {counts['several_faces']}"
        without = [check.clip for check in self.checks if check.face is None]
        if without:
            text += f"; none in {len(without)}: {some_of(without, NAMED)}"
        if counts["unfit_frames"]:
            text += f"; frames that do not fit the onset in {counts['unfit_frames']}"
        if counts["median_drift"] is not None:
            of = " of the others" if counts["unfit_frames"] else ""
            median, most = counts["median_drift"], counts["largest_drift"]
            text += f"; drift{of} {median:.1f} px of 224 in the median, {most:.1f} at most"
        return text


@dataclass(frozen=True)
class FaceSheet:
    """What ``--faces`` asks for.

    Args:
        path: File to write.
        config: Which face, by which detector.
    """

    path: Path
    config: "DataConfig"

    def refuse_flow(self, manifest: Path) -> None:
        """Raise an :class:`ATMGCNError` for a manifest of pictures of optical flow, before any is read."""
        from atm_gcn.data.annotations import read_annotations
        from atm_gcn.data.clip_pictures.face_check import shows_no_face

        clips, _ = read_annotations("manifest", manifest)
        if any(clip.view == "flow" for clip in clips):
            raise shows_no_face(str(manifest))

    def of_dataset(self, dataset: str, root: Path, scheme: str | None, config: "DataConfig") -> DrawnFaceSheet:
        """Write the page of a dataset's clips; ``config`` decides on similar ids and shared recordings."""
        from atm_gcn.data.annotations.on_disk import dataset_clips
        from atm_gcn.data.clip_pictures.face_check import check_faces

        clips, _ = dataset_clips(dataset, root, scheme, config)
        return self._write(check_faces(clips, self.config, progress=True), f"{dataset}, {root}")

    def of_store(self, store: "FrameStore") -> DrawnFaceSheet:
        """Write the page of the pictures of a frame store."""
        from atm_gcn.data.clip_pictures.face_check import check_stored_faces

        return self._write(check_stored_faces(store, self.config, progress=True), f"the frame store {store.path}")

    def _write(self, checks: Sequence["FaceCheck"], title: str) -> DrawnFaceSheet:
        from atm_gcn.report.face_sheet import write_face_sheet

        write_face_sheet(checks, self.path, title, self.config.face_detector)
        name_written([self.path])
        return DrawnFaceSheet(self.path, checks)


def face_sheet_request(
    faces: bool, root: Path, out: Path | None, force: bool, detector: str | None, choice: str | int | None
) -> FaceSheet | None:
    """What the options ask for; None without ``--faces``.

    Raises:
        click.UsageError: If another of the options is given without ``--faces``.
        ATMGCNError: If the file must not be written.
    """
    if not faces:
        given = {"--out": out, "--face-detector": detector, "--face-choice": choice}
        alone = next((option for option, value in given.items() if value is not None), None)
        if alone:
            raise click.UsageError(f"{alone} needs --faces")
        return None
    from atm_gcn.config import RunConfig

    path = out or DEFAULT
    check_outputs({"--out": path}, [root], force)
    chosen = {"data.face": "align", "data.face_detector": detector, "data.face_choice": choice}
    if detector == "haar":
        chosen["data.face"] = "crop"
    config = RunConfig().override([f"{key}={value}" for key, value in chosen.items() if value is not None])
    return FaceSheet(path, config.data)
