"""``atm-gcn prepare``: decode a dataset into a frame store."""

import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atm_gcn.cli._shared.decision_options import assignments, decision_options
from atm_gcn.cli._shared.outputs import OutputFolder
from atm_gcn.cli._shared.picture_options import picture_options
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.types import PATH, OneOf, Whole, check_scheme
from atm_gcn.config import NEEDS, PRESETS, DataConfig, RunConfig
from atm_gcn.data.annotations.spec import DATASETS
from atm_gcn.errors import ATMGCNError, some_of
from atm_gcn.files.escaping import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atm_gcn.data import Clip, FrameStore, Problem

logger = logging.getLogger(__name__)

IDS = ("similar_subjects", "similar_labels")
"""Decisions that a store needs; shared recordings matter only in training."""

SHOWN = 5
"""Number of rows that are listed, of those left out and of those repaired."""

EXAMPLES = """\b
Examples:
  atm-gcn prepare casme2 /data/CASME2 store --preset small
  atm-gcn prepare manifest manifest.csv store --face align --flow dis
"""


@click.command(short_help="Decode the clips of a dataset into a frame store.", epilog=EXAMPLES)
@click.argument("dataset", type=OneOf(DATASETS))
@click.argument("root", type=PATH)
@click.argument("out", type=OutputFolder())
@click.option("--scheme", help="Label scheme, such as casme2-3; by default the dataset's usual one.")
@click.option("--preset", type=OneOf(list(PRESETS)), help="Settings to start from.")
@click.option("--config", "config_file", type=PATH, help="YAML file with a section 'data'.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="One setting, such as data.size=128.")
@picture_options
@click.option("--jobs", type=Whole(1, 1024), help="Number of clips decoded in parallel; by default one per core.")
@click.option("--strict", is_flag=True, help="Stop with an error instead of leaving out or repairing rows.")
@decision_options
def prepare(
    dataset: str,
    root: Path,
    out: Path,
    scheme: str | None,
    preset: str | None,
    config_file: Path | None,
    overrides: tuple[str, ...],
    jobs: int | None,
    strict: bool,
    **options: str | None,
) -> None:
    """Decode the clips of DATASET in ROOT once, into the frame store OUT.

    Of datasets with macro-expressions, the micro-expressions are taken unless the label scheme is for others, as
    casmesq-4-both is. If DATASET is "manifest", ROOT is a manifest.csv or its folder. Rows that 'atm-gcn check'
    drops are left out with a warning; with --strict, they are an error. An interrupted preparation resumes where it
    stopped; a finished store of the same clips and settings is kept.
    """
    from atm_gcn import data

    check_scheme(dataset, scheme)
    config = RunConfig.preset(preset) if preset else RunConfig()
    if config_file:
        config = RunConfig.load(config_file, base=config)
    given = [*overrides, *assignments(options)]
    config = config.override(given)
    for name in sorted(config.data.unused & config.assigned_data(given)):
        option = f"--{name.replace('_', '-')}" if options.get(name) else f"--set data.{name}"
        raise ATMGCNError(f"{option} has no effect without {NEEDS[name]}; add that, or leave {option} out")
    settings = config.data
    _warn_of_unused(settings)
    clips = _clips(dataset, root, scheme, settings, strict)
    echo(summary(data.prepare(clips, out, settings, jobs, progress=True)))


def summary(store: "FrameStore") -> str:
    """Describe a store in a few lines."""
    labels = Counter(stored.clip.label for stored in store.clips)
    apexes = Counter(stored.apex_source for stored in store.clips)
    height, width = store.frames.shape[1:3]
    lines = {
        "store": str(store.path),
        "clips": str(len(store)),
        "subjects": str(len(store.subjects)),
        "classes": ", ".join(f"{label} {labels[label]}" for label in store.classes),
        "apex": ", ".join(f"{source} {count}" for source, count in sorted(apexes.items())),
        "frames": f"{len(store.frames)} of {width}x{height}, {store.frames.nbytes / 1e6:.1f} MB",
    }
    lines |= _picture_lines(store)
    left_out = store.meta.get("left_out", {})
    if left_out:
        named = some_of([f"{clip} ({reason})" for clip, reason in sorted(left_out.items())], 3)
        lines["left out"] = f"{len(left_out)}: {named}"
    return "\n".join(f"{name:<9}{escape(value)}" for name, value in lines.items())


def _warn_of_unused(settings: DataConfig) -> None:
    """Log which settings of a file have no effect and are not those by default, which a written file holds, too."""
    fields = DataConfig.model_fields
    for name in sorted(settings.unused):
        if getattr(settings, name) != fields[name].default:
            logger.warning("data.%s has no effect without %s", name, NEEDS[name])


def _picture_lines(store: "FrameStore") -> dict[str, str]:
    """What was made of the frames: faces, registration, optical flow and depth."""
    config, lines = store.config, {}
    uncropped, unregistered = (store.meta.get(name, {}) for name in ("uncropped", "unregistered"))
    if config.face != "none":
        done = {"crop": "cropped", "align": "aligned"}[config.face]
        without = f"; {len(uncropped)} clips without a face are whole" if uncropped else ""
        lines["faces"] = f"{done}, found by {config.face_detector}{without}"
    if config.register != "none":
        lines["register"] = f"{config.register}, {len(store) - len(unregistered)} of {len(store)} clips"
    if config.flow == "pictures":
        lines["flow"] = "the frames are pictures of optical flow"
    elif store.has_flow:
        side = config.flow_pixels
        lines["flow"] = f"{config.flow}, {side}x{side}, {6 * side**2 * len(store.frames) / 1e6:.1f} MB"
    elif (config.face, config.register) == ("none", "none") and store.look_like_flow():
        lines["flow"] = "the frames look like pictures of optical flow; --set data.flow=pictures reads them as such"
    if store.has_depth:
        lines["depth"] = f"{config.size}x{config.size}, {2 * config.size**2 * len(store.frames) / 1e6:.1f} MB"
    return lines


def _clips(dataset: str, root: Path, scheme: str | None, settings: DataConfig, strict: bool) -> "list[Clip]":
    from atm_gcn.data import dataset_clips
    from atm_gcn.data.labels import DEFAULT_SCHEMES

    clips, problems = dataset_clips(dataset, root, scheme, settings)
    unclassed = sum(problem.code == "no-class" for problem in problems)
    others = [problem for problem in problems if problem.code != "no-class" and not problem.is_note]
    for problem in others:
        refused = problem.decide if strict else problem.decide in IDS
        if refused or (strict and problem.action in ("dropped", "repaired")):
            raise ATMGCNError(f"{root}, row {problem.row}: {problem.clip}: {problem.kind}")
    if unclassed:
        used = scheme or DEFAULT_SCHEMES[dataset]
        logger.info("%d clips: their emotion has no class under %s", unclassed, used)
    for problem in problems:
        if problem.code == "other-kind":
            logger.info("%s", problem.kind)
    _log("train refuses it", logging.WARNING, [problem for problem in others if problem.decide])
    _log("left out", logging.WARNING, [problem for problem in others if problem.action == "dropped"])
    _log("repaired", logging.INFO, [problem for problem in others if problem.action == "repaired"])
    if any(problem.action != "kept" for problem in others):
        actions = Counter(problem.action for problem in others)
        counts = ", ".join(f"{number} {action}" for action, number in sorted(actions.items()))
        logger.info("%d clips; problems: %s; 'atm-gcn check %s %s' lists them", len(clips), counts, dataset, root)
    return clips


def _log(done: str, level: int, problems: "Sequence[Problem]") -> None:
    for problem in problems[:SHOWN]:
        logger.log(level, "row %d, %s: %s: %s", problem.row, problem.clip, done, problem.kind)
    if len(problems) > SHOWN:
        logger.log(level, "%d more rows are %s", len(problems) - SHOWN, done)
