"""How often does the leak check find a changed copy of a recording, and how often does it confuse two people?

People are drawn; those of one studio share backdrop, clothes and light. Videos can be given too: each must show one
person, and no person twice. docs/leakage.md has the figures.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from unittest import mock

import av
import click
import numpy as np

from atm_gcn.data import load_manifest
from atm_gcn.media import find_face
from atm_gcn.media.picture_matching import THRESHOLD, Span, find_matches, thumbnails
from atm_gcn.media.resizing import resize_square
from atm_gcn.media.sources import open_source
from atm_gcn.synth import dataset, synthesize
from atm_gcn.synth.face.identity import Identity, sample_identity

STORED = 96  # pixels of a frame in the store, as in the preset demo
LENGTH = 13  # frames of a clip of a video
SHIFTS = (0, 1, 3)  # frames by which a copy begins later

Video = list[np.ndarray]


@dataclass(frozen=True)
class Change:
    """What is done to a recording before it is copied: codec, its options, share of the size, and brightness."""

    codec: str = "libx264"
    options: tuple[tuple[str, str], ...] = (("crf", "23"),)
    size: float = 1.0
    light: Callable[[np.ndarray], np.ndarray] = lambda frame: frame


CHANGES = {
    "H.264, crf 28": Change(options=(("crf", "28"),)),
    "H.264, crf 38": Change(options=(("crf", "38"),)),
    "MPEG-4, quantiser 12": Change("mpeg4", (("qmin", "12"), ("qmax", "12"))),
    "half the size": Change(size=1 / 2),
    "a third of the size": Change(size=1 / 3),
    "double the size": Change(size=2),
    "brighter by 38 grey levels": Change(light=lambda frame: frame + 38),
    "darker, contrast 0.8": Change(light=lambda frame: frame * 0.8 - 10),
    "gamma 1.5": Change(light=lambda frame: 255 * (frame / 255) ** (1 / 1.5)),
    "grey": Change(light=lambda frame: frame.mean(axis=-1, keepdims=True).repeat(3, axis=-1)),
    "half the size, brighter, crf 33": Change(options=(("crf", "33"),), size=1 / 2, light=lambda frame: frame + 25),
}


def encode(frames: Video, change: Change, path: Path) -> Video:
    """The frames of a changed copy."""
    height, width = (max(2, 2 * round(side * change.size / 2)) for side in frames[0].shape[:2])
    with av.open(str(path), "w") as container:
        stream = container.add_stream(change.codec, rate=30, options=dict(change.options))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in frames:
            picture = change.light(frame.astype(np.float32)).clip(0, 255).astype(np.uint8)
            shown = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(width, height, "yuv420p")
            container.mux(stream.encode(shown))
        container.mux(stream.encode())
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def stored(frames: Video, crop: bool) -> np.ndarray | None:
    """The frames as a store holds them; None if they are to be cropped and no face is found."""
    box = find_face(np.ascontiguousarray(frames[0])) if crop else None
    if crop and box is None:
        return None
    return np.stack(
        [resize_square(np.ascontiguousarray(box.crop(frame) if box else frame), STORED) for frame in frames]
    )


def similarities(clips: list[np.ndarray], people: list[str], crop: bool) -> list[float]:
    """Similarity of the pairs of clips of different people that are compared closely."""
    firsts = np.cumsum([0, *map(len, clips)]).tolist()
    spans = [Span(first, len(clip), 2 * len(clip) // 3) for first, clip in zip(firsts, clips, strict=False)]
    frame_of = (lambda clip, row: clips[clip][row]) if crop else None
    pictures = thumbnails(np.concatenate(clips))
    return [match.similarity for match in find_matches(pictures, spans, people, frame_of, threshold=-1)]


def in_one_studio(seed: int, subject: int) -> Identity:
    """A drawn person with the backdrop, the clothes and the light of the first one."""
    first = sample_identity(seed, 0)
    who = sample_identity(seed, subject)
    return replace(who, backdrop=first.backdrop, clothes=first.clothes, light=first.light, ambient=first.ambient)


def drawn(
    folder: Path, seed: int, size: int, people: int, clips: int, studio: bool = False
) -> Iterator[tuple[str, Video]]:
    """Clips of drawn people, from onset to offset."""
    with mock.patch.object(dataset, "sample_identity", in_one_studio if studio else sample_identity):
        manifest = synthesize(folder / f"{seed}-{size}-{studio}", people, clips, size=size, seed=seed)
    for clip in load_manifest(manifest):
        yield clip.subject_key, list(open_source(clip.source).iterate(np.arange(clip.onset, clip.offset + 1)))


def found(recordings: list[tuple[str, Video]], folder: Path, crop: bool) -> dict[str, tuple[int, int]]:
    """Copies found and copies made, by change."""
    counts = {}
    for name, change in CHANGES.items():
        hits = tried = 0
        for _, frames in recordings:
            copy = encode(frames, change, folder / "copy.mkv")
            for shift in SHIFTS:
                clips = [stored(frames[:LENGTH], crop), stored(copy[shift : shift + LENGTH], crop)]
                if all(clip is not None for clip in clips):
                    tried += 1
                    hits += max(similarities(clips, ["one", "other"], crop), default=0) >= THRESHOLD
        counts[name] = (hits, tried)
    return counts


def false_alarms(recordings: list[tuple[str, Video]], crop: bool) -> tuple[int, int, float]:
    """Pairs of clips of different people, those that match, and the highest similarity."""
    clips = [(person, stored(frames, crop)) for person, frames in recordings]
    seen = [(person, clip) for person, clip in clips if clip is not None]
    pairs = sum(one != other for (one, _), (other, _) in combinations(seen, 2))
    values = similarities([clip for _, clip in seen], [person for person, _ in seen], crop)
    return pairs, sum(value >= THRESHOLD for value in values), max(values, default=0)


@click.command(help=__doc__)
@click.argument("videos", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--seeds", default=6, show_default=True, help="Groups of twelve drawn people.")
def main(videos: tuple[Path, ...], seeds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for crop in (False, True):
            for studio in (False, True):
                groups = [list(drawn(folder / str(crop), 10 + seed, 96, 12, 3, studio)) for seed in range(seeds)]
                counts = [false_alarms(group, crop) for group in groups]
                pairs, alarms, highest = (*map(sum, list(zip(*counts, strict=True))[:2]), max(one[2] for one in counts))
                where = "one studio" if studio else "own backdrops"
                click.echo(f"drawn, {where}, crop {crop}: {alarms} of {pairs} pairs, highest similarity {highest:.3f}")
        sets = {
            "drawn, 96 pixels": list(drawn(folder, 1, 96, 8, 3)),
            "drawn, 224 pixels": list(drawn(folder, 7, 224, 8, 3)),
        }
        films = [(path.name, list(open_source(path).iterate(open_source(path).numbers))) for path in videos]
        sets["videos"] = [(name, film[at : at + 20]) for name, film in films for at in range(0, len(film) - 20, 30)]
        for name, recordings in sets.items():
            for crop in (False, True):
                for change, (hits, tried) in found(recordings, folder, crop).items():
                    click.echo(f"{name}, crop {crop}: {change}: {hits} of {tried}")


if __name__ == "__main__":
    main()
