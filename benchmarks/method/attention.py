"""Do the attention maps show where the face moved?

On synthetic clips the place of the movement is known. For every clip of a leave-one-subject-out run, the map at the
apex is taken from the model that held the person out, and compared with the pixels that moved from onset to apex: by
the share of attention that lies on them, by the chance that a moved pixel has more attention than a still one (AUC),
and by whether the pixel with the most attention moved. Beside it, in the same way: an untrained model of the same
shape, the trained model's map of another clip of the same person with another class, and the plain difference of the
two frames.

    python -m benchmarks.method.attention demo/run demo/clips
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click
import numpy as np
import torch
import torch.nn.functional as F

from atm_gcn import ATMGCN, ATMGCNError
from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.files import write_text
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import choose_models
from atm_gcn.synth import load_truth, moved_region
from atm_gcn.training.results.run_folder import RunFolder
from benchmarks.common.machine import describe
from benchmarks.common.results import MachineInfo, Strict

SIDES = ("trained", "untrained", "another clip", "difference")
RESAMPLES = 2000


class Row(Strict):
    """One side in one block, means over clips; ``ratio`` is share over area, ``low`` to ``high`` its 95 % interval."""

    block: int
    side: str
    share: float
    area: float
    ratio: float
    low: float
    high: float
    auc: float
    hit: float


class Results(Strict):
    """A results file."""

    schema_version: Literal[1] = 1
    machine: MachineInfo
    clips: int
    subjects: int
    rows: list[Row]


def measures(heat: np.ndarray, moved: np.ndarray) -> tuple[float, float, float, float]:
    """Share of a map's mass on the moved pixels, their share of the area, AUC, and whether its peak moved."""
    ranks = heat.ravel().argsort(kind="stable").argsort()
    inside = moved.ravel()
    hits, misses = int(inside.sum()), int((~inside).sum())
    auc = (ranks[inside].sum() - hits * (hits - 1) / 2) / (hits * misses)
    return float(heat[moved].sum() / heat.sum()), float(moved.mean()), float(auc), float(inside[heat.argmax()])


def maps_of_subject(run: Path, dataset: MERDataset, indices: list[int]) -> Iterator[tuple[int, int, str, np.ndarray]]:
    """Clip, block, side and map at the apex, for all clips of one person."""
    clips = [dataset[index] for index in indices]
    trained = ATMGCN.from_pretrained(choose_models(run, Query(key=clips[0].clip, subject=clips[0].subject)).files[0])
    torch.manual_seed(indices[0])
    untrained = ATMGCN(trained.config)
    seen = [at_apex(trained, clip) for clip in clips]
    for place, (index, clip) in enumerate(zip(indices, clips, strict=True)):
        other = next((p for p in range(len(clips)) if clips[p].y != clip.y), place)
        difference = (clip.frames[clip.global_index] - clip.onset_frame.float()).abs().mean(1, keepdim=True)
        for block, fresh in enumerate(at_apex(untrained, clip)):
            plain = F.adaptive_avg_pool2d(difference, fresh.shape)[0, 0].numpy()
            maps = (seen[place][block], fresh, seen[other][block], plain)
            yield from ((index, block + 1, side, heat) for side, heat in zip(SIDES, maps, strict=True))


def at_apex(model: ATMGCN, clip) -> list[np.ndarray]:
    """The map of every block at the apex."""
    node = int(clip.global_index)
    return [maps[node, 0].numpy() for maps in model.explain(clip).attention_maps]


def measure(run: Path, clips: Path) -> Results:
    """Measure all clips of a run.

    Raises:
        ATMGCNError: If the clips are not those of the run, or were cropped, so that the truth has no place in them.
    """
    store, truth = FrameStore.open(RunFolder(run).record.store.path), load_truth(clips)
    dataset = MERDataset(store)
    if store.meta["config"]["face"] != "none" or not {stored.clip.key for stored in store.clips} <= set(truth):
        raise ATMGCNError(f"{clips}: holds no truth of the uncropped clips in {store.path}; name the clips of the run")
    found: dict[tuple[int, str], list] = {}
    for subject in store.subjects:
        indices = [i for i, stored in enumerate(store.clips) if stored.clip.subject_key == subject]
        for index, block, side, heat in maps_of_subject(run, dataset, indices):
            moved = moved_region(truth[store.clips[index].clip.key], heat.shape[0])
            found.setdefault((block, side), []).append((subject, *measures(heat, moved)))
    rows = [summarize(block, side, values) for (block, side), values in sorted(found.items(), key=by_block)]
    return Results(machine=describe(), clips=len(store), subjects=len(store.subjects), rows=rows)


def by_block(item: tuple) -> tuple[int, int]:
    """Order of the rows."""
    (block, side), _ = item
    return block, SIDES.index(side)


def summarize(block: int, side: str, values: list[tuple]) -> Row:
    """Means over clips, and an interval of the ratio by resampling people instead of clips."""
    subjects = np.array([value[0] for value in values])
    share, area, auc, hit = np.array([value[1:] for value in values]).T
    ratio = share / area
    means = np.array([ratio[subjects == subject].mean() for subject in np.unique(subjects)])
    drawn = np.random.default_rng(0).choice(means, (RESAMPLES, len(means))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    numbers = {"share": share, "area": area, "ratio": ratio, "low": low, "high": high, "auc": auc, "hit": hit}
    return Row(block=block, side=side, **{name: round(float(np.mean(value)), 4) for name, value in numbers.items()})


def to_markdown(results: Results) -> str:
    """The table of docs/explain.md."""
    lines = [
        "| block | map | mass on moved skin | its area | ratio (95 % interval) | AUC | peak moved |",
        "| --: | :-- | --: | --: | --: | --: | --: |",
    ]
    for row in results.rows:
        lines.append(
            f"| {row.block} | {row.side} | {row.share:.3f} | {row.area:.3f} | {row.ratio:.2f} ({row.low:.2f} to "
            f"{row.high:.2f}) | {row.auc:.2f} | {row.hit:.2f} |"
        )
    return "\n".join(lines)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("clips", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Results file. [default: none is written]")
def main(run: Path, clips: Path, out: Path | None) -> None:
    """Compare the maps of RUN's models with where the faces in the synthetic CLIPS moved."""
    try:
        results = measure(run, clips)
        if out:
            write_text(out, results.model_dump_json(indent=2) + "\n")
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{results.clips} clips of {results.subjects} subjects\n")
    click.echo(to_markdown(results))


if __name__ == "__main__":
    main()
