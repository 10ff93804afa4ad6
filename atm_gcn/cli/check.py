"""``atm-gcn check``: the problems of a copy of a dataset, or of a frame store."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atm_gcn.cli._shared.decision_options import assignments, decision_options
from atm_gcn.cli._shared.face_sheet import face_sheet_options, face_sheet_request
from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH, OneOf, check_scheme
from atm_gcn.data.annotations.spec import DATASETS
from atm_gcn.files.text_table import aligned

if TYPE_CHECKING:
    from atm_gcn.cli._shared.face_sheet import FaceSheet
    from atm_gcn.data.annotations.dataset_check import DatasetCheck
    from atm_gcn.data.problem import Problem

STORE = "store"

EXAMPLES = """\b
Examples:
  atm-gcn check casme2 /data/CASME2
  atm-gcn check manifest clips/ --json
  atm-gcn check store prepared/
  atm-gcn check casme2 /data/CASME2 --faces
"""


@click.command(short_help="List the problems in a dataset or a frame store.", epilog=EXAMPLES)
@click.argument("dataset", type=OneOf((*DATASETS, STORE)), metavar="DATASET")
@click.argument("root", type=PATH)
@click.option("--scheme", help="Label scheme for the counts, such as casme2-3; by default the dataset's usual one.")
@click.option("--no-frames", is_flag=True, help="Check the annotations only.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@face_sheet_options
@decision_options
@click.pass_context
def check(
    ctx: click.Context,
    dataset: str,
    root: Path,
    scheme: str | None,
    no_frames: bool,
    as_json: bool,
    faces: bool,
    out: Path | None,
    force: bool,
    face_detector: str | None,
    face_choice: str | int | None,
    **decisions: str | None,
) -> None:
    """Check the annotations and the frames of DATASET in the folder ROOT.

    Prints the counts beside the published ones, and each problem with its row, its clip and the action taken: the row
    is dropped, repaired, or kept as it is. Notes are about what is permitted, such as an empty apex. The exit code is 1
    if a row was dropped, frames or an emotion are missing, similar ids or shared recordings need a decision, or a
    manifest has two views, or only one class and no action units. ROOT may also be the annotation file alone.

    If DATASET is "store", ROOT is a frame store, and every frame in it is compared with its recorded digest.

    With --faces, a page shows the face of every clip, aligned, and how far the head drifts, the worst clips first.
    """
    sheet = face_sheet_request(faces, root, out, force, face_detector, face_choice)
    if dataset == STORE:
        ctx.exit(_check_store(root, as_json, sheet))
    from atm_gcn.config import RunConfig
    from atm_gcn.data.annotations.dataset_check import check_dataset

    if dataset == "manifest":
        _refuse_features(root)
        if sheet is not None:
            sheet.refuse_flow(root)
    check_scheme(dataset, scheme)
    config = RunConfig().override(assignments(decisions)).data
    found = check_dataset(dataset, root, scheme, frames=not no_frames, progress=True, config=config)
    drawn = None if sheet is None else sheet.of_dataset(dataset, root, scheme, config)
    echo_json(found.to_dict() | (drawn.to_dict() if drawn else {})) if as_json else echo(to_text(found))
    if drawn and not as_json:
        echo(drawn.to_text())
    ctx.exit(0 if found.complete else 1)


def _refuse_features(path: Path) -> None:
    """Raise an error for a manifest whose sources are files of features, which have no frames to check."""
    from atm_gcn.data.manifest import load_manifest
    from atm_gcn.data.sequences.feature_file import has_features
    from atm_gcn.errors import ATMGCNError

    try:
        clips = load_manifest(path)
    except ATMGCNError:
        return  # the check lists what is wrong
    if all(has_features(clip.source) for clip in clips):
        raise ATMGCNError(
            f"{path}: its {len(clips)} clips are files of features; check them with atm-gcn train {path} OUT --dry-run"
        )


def _check_store(path: Path, as_json: bool, sheet: "FaceSheet | None") -> int:
    """Print the problems of a store, and return the exit code."""
    from atm_gcn.data import FrameStore

    store = FrameStore.open(path)
    problems, unrecorded = list(store.check_frames()), sum(not stored.sha256 for stored in store.clips)
    facts = {
        "clips": len(store),
        "subjects": len(store.subjects),
        "clips_without_digest": unrecorded,
        "problems": problems,
        "complete": not problems,
    }
    lines = [f"clips     {len(store)} of {len(store.subjects)} subjects", *problems]
    if unrecorded:
        lines.append(
            f"{unrecorded} clips were prepared by a version that recorded no digest of frames; prepare them again"
        )
    lines.append("the store was changed; prepare it again" if problems else "complete")
    if sheet is not None:
        drawn = sheet.of_store(store)
        facts |= drawn.to_dict()
        lines.append(drawn.to_text())
    echo_json(facts) if as_json else echo("\n".join(lines))
    return 1 if problems else 0


def to_text(found: "DatasetCheck") -> str:
    """Format a check for the terminal."""
    frames = "not checked" if found.usable is None else f"of {found.usable} clips complete"
    published = found.published_num_subjects
    parts = [
        f"clips     {_beside(found.clips, found.published_clips)}",
        f"subjects  {_beside(len(found.subjects), published)}",
        f"frames    {frames}",
        "",
        f"classes{f' ({found.scheme})' if found.scheme else ''}",
        *_table([(label, _beside(n, found.published_classes.get(label))) for label, n in found.classes.items()]),
        "",
        "clips of each subject",
        _wrapped(_by_subject(found.subjects, found.published_subjects)),
        *_problems("table", found.table_problems),
        *(_problems("frames", found.frame_problems) if found.usable is not None else ()),
        "",
        "complete" if found.complete else f"NOT complete: {', '.join(found.missing)}",
    ]
    return "\n".join(parts)


def _beside(found: int, published: int | None) -> str:
    if published is None:
        return str(found)
    return f"{found} (published: {published})" if found != published else f"{found}, as published"


def _by_subject(found: Mapping[str, int], published: Mapping[str, int]) -> Iterable[str]:
    for subject in {**published, **found}:
        number = found.get(subject, 0)
        differs = bool(published) and number != published.get(subject)
        yield f"{subject} {number}" + (f" (published: {published.get(subject, 0)})" if differs else "")


def _problems(where: str, problems: Sequence["Problem"]) -> Iterable[str]:
    real, notes = [one for one in problems if not one.is_note], [one for one in problems if one.is_note]
    counts = Counter(problem.action for problem in real)
    actions = ", ".join(f"{counts[action]} {action}" for action in ("dropped", "repaired", "kept") if counts[action])
    yield from ("", f"problems with the {where}: {f'{len(real)} ({actions})' if real else 'none'}")
    yield from _table([(f"row {problem.row}", problem.clip, problem.action, problem.kind) for problem in real])
    if notes:
        yield from ("", f"notes on the {where}, nothing to do: {len(notes)}")
        yield from _table([(f"row {note.row}", note.clip, note.kind) for note in notes])


def _table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    return [f"  {line}".rstrip() for line in aligned(rows)]


def _wrapped(items: Iterable[str]) -> str:
    unbroken = ", ".join(item.replace(" ", "\N{NO-BREAK SPACE}") for item in items)
    text = textwrap.fill(unbroken, 100, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return text.replace("\N{NO-BREAK SPACE}", " ")
