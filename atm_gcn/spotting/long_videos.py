"""The long videos of a frame store: which recordings its clips were cut from, and what is annotated in each."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from atm_gcn.data import ClipStore
from atm_gcn.data.clip import Clip
from atm_gcn.data.recordings import recording_digest
from atm_gcn.data.store.clip_store import SelectedClips
from atm_gcn.defaults import KINDS, Kind
from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics.spotting import Interval


@dataclass(frozen=True)
class LongVideo:
    """A recording with the expressions that are annotated in it.

    Args:
        subject: Key of the person: ``"samm/006"``.
        name: What tables and logs call the video; unique among those of the person.
        source: Video file or folder of frames.
        fps: Frames per second by which it is read; None for its time stamps.
        digest: :func:`~atm_gcn.data.recordings.recording_digest` of it.
        expressions: The annotated expressions of each kind, in order of time.
        apexes: Frame number of the apex of each; None where it is not annotated.
    """

    subject: str
    name: str
    source: str
    fps: float | None
    digest: str
    expressions: dict[Kind, list[Interval]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    apexes: dict[Kind, list[int | None]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def place(self) -> tuple[str, str]:
        """Subject and name, by which videos are told apart."""
        return self.subject, self.name


def long_videos(store: ClipStore) -> list[LongVideo]:
    """The recordings of a frame store, in the order of people and names.

    Raises:
        ATMGCNError: If the clips are features, a recording is gone, or it shows several people.
    """
    if store.frame_size is None:
        raise ATMGCNError(f"{store.name}: holds features; long videos are read from their recordings, so name a store")
    groups: dict[str, list[Any]] = {}
    for stored in store.clips:
        groups.setdefault(stored.clip.source, []).append(stored)
    names = _names({source: own[0].clip for source, own in groups.items()})
    videos = []
    for source, own in groups.items():
        first = own[0].clip
        people = {stored.clip.subject_key for stored in own}
        if len(people) > 1:
            raise ATMGCNError(f"{source}: shows {len(people)} people ({', '.join(sorted(people))}); spotting needs one")
        if not Path(source).exists():
            raise ATMGCNError(
                f"{source}: is gone, and {store.name} was prepared from it; put it back, or prepare the clips again"
            )
        by_stamps = store.config.clock == "stamps" and not Path(source).is_dir()
        digest = own[0].recording or recording_digest(source) or ""
        video = LongVideo(first.subject_key, names[source], source, None if by_stamps else first.fps, digest)
        for clip in sorted((stored.clip for stored in own), key=lambda clip: (clip.onset, clip.offset)):
            kind = cast(Kind, clip.kind)
            one = Interval(video.name, clip.onset, clip.offset, clip.label, kind, video.subject)
            video.expressions[kind].append(one)
            video.apexes[kind].append(clip.apex)
        videos.append(video)
    return sorted(videos, key=lambda video: video.place)


def _names(clips: dict[str, Clip]) -> dict[str, str]:
    """The name of every recording: of its file, or with as many folders before it as tell those of a person apart."""
    names = {}
    for source, clip in clips.items():
        parts = Path(source).with_suffix("").parts if Path(source).is_file() else Path(source).parts
        others = [other for other, one in clips.items() if one.subject_key == clip.subject_key and other != source]
        count = 1
        while count < len(parts) and any(_ending(other, count) == parts[-count:] for other in others):
            count += 1
        names[source] = "/".join(parts[-count:])
    return names


def _ending(source: str, count: int) -> tuple[str, ...]:
    path = Path(source)
    return (path.with_suffix("") if path.is_file() else path).parts[-count:]


def micro_clips(store: ClipStore) -> ClipStore:
    """The store itself if it holds micro-expressions only, or else its micro-expressions.

    Raises:
        ATMGCNError: If it holds none.
    """
    kinds = Counter(stored.clip.kind for stored in store.clips)
    if not kinds["micro"]:
        raise ATMGCNError(f"{store.name}: holds no micro-expressions; prepare some, whose kind is micro")
    if len(kinds) == 1:
        return store
    return SelectedClips(store, [place for place, one in enumerate(store.clips) if one.clip.kind == "micro"])
