"""The clips of a run: which of them a source shows, and which folds held these out."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from atm_gcn.data import Clip, open_clips
from atm_gcn.data.identity import similarity_keys
from atm_gcn.data.recordings import recording_digest
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.shared_frames import SharedFrames
from atm_gcn.training.results.run_results import RunResults

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """What is known of a clip or a recording that is to be predicted.

    Args:
        source: Folder of frames or video file; empty if unknown.
        key: Key of the clip, if a manifest, a frame store or the user names it.
        subject: Key of its subject, likewise.
        span: First and last frame of the clip in the recording; None for the whole recording.
        digest: :func:`~atm_gcn.data.recordings.recording_digest` of the source; None to compute it when it is needed.
    """

    source: str = ""
    key: str = ""
    subject: str = ""
    span: tuple[int, int] | None = None
    digest: str | None = None

    @classmethod
    def of_clip(cls, clip: Clip, digest: str | None = None) -> "Query":
        """The query for an annotated clip."""
        return cls(clip.source, clip.key, clip.subject_key, (clip.onset, clip.offset), digest)


@dataclass(frozen=True)
class Match:
    """What a run knows of a source.

    Args:
        clips: Keys of the clips of the run that the source is, or that were cut from it.
        subjects: Keys of the subjects of the run whom it shows; those of ``clips`` among them.
        unchecked: Why content was not compared, where that matters; empty if it was.
    """

    clips: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    unchecked: str = ""


class KnownClips:
    """The clips and subjects of a run.

    Args:
        results: The run.

    Raises:
        ATMGCNError: By every attribute, if the predictions of a fold are damaged or were changed.
    """

    def __init__(self, results: RunResults) -> None:
        self.results = results

    @cached_property
    def held_out(self) -> dict[str, frozenset[int]]:
        """For each clip, the positions in ``results.folds`` of the folds that held it out.

        A clip that only trained along (``train --with``), or that the run does not read, was held out with its subject.
        """
        found, subjects = _folds_by((row.clip, fold) for fold, row in self._rows), self.subjects_held_out
        others = [stored.clip for stored in self.stored if stored.clip.key not in found]
        return found | {clip.key: subjects[clip.subject_key] for clip in others if clip.subject_key in subjects}

    @cached_property
    def subjects_held_out(self) -> dict[str, frozenset[int]]:
        """For each subject, the positions of the folds that held out all clips of the subject."""
        return _folds_by((row.subject, fold) for fold, row in self._rows)

    @cached_property
    def stored(self) -> list[StoredClip]:
        """The clips of the run's frame store; empty where it cannot be used."""
        return self._store[0]

    @property
    def unchecked(self) -> str:
        """Why the frame store cannot be used; empty if it can."""
        return self._store[1]

    def find(self, query: Query) -> Match:
        """The clips of the run that a source is or contains, and the subjects of the run whom it shows.

        A source is compared by its place, also through links, by its content, and by the frames that it shares with a
        recording of the run. Where the frame store of the run is
        gone, or neither has a digest, a clip is recognised by its key alone.
        """
        of_recording, unchecked = self._of_recording(query)
        found = [stored for stored in of_recording if query.key and stored.clip.key == query.key]
        found = found or [stored for stored in of_recording if _overlap(stored.clip, query)]
        keys = [stored.clip.key for stored in found]
        if not of_recording and unchecked and query.key in self.keys:
            keys = [query.key]
        subjects = {stored.clip.subject_key for stored in found or of_recording}
        if query.subject:
            subjects = subjects.union(*(self._similarity.get(key, ()) for key in similarity_keys(query.subject)))
        return Match(tuple(keys), tuple(sorted(subjects)), "" if of_recording else unchecked)

    def fps_of(self, source: str) -> float | None:
        """Frames per second of a recording of the run, or of a copy of one; None if it is unknown."""
        rates = {stored.clip.fps for stored in self._of_recording(Query(source))[0]}
        return rates.pop() if len(rates) == 1 else None

    @cached_property
    def keys(self) -> set[str]:
        """Keys of all clips of the run, as far as they are known."""
        return {*self.held_out, *(stored.clip.key for stored in self.stored)}

    @cached_property
    def subjects(self) -> list[str]:
        """Keys of all subjects of the run, as far as they are known."""
        return sorted({*self.subjects_held_out, *(stored.clip.subject_key for stored in self.stored)})

    def _of_recording(self, query: Query) -> tuple[list[StoredClip], str]:
        """The stored clips of the recording of a source, and why its content was not compared, if it was not."""
        found = [stored for place in _places(query.source) for stored in self._by_place.get(place, ())]
        found = list(dict.fromkeys(found))  # its place, and where that leads through links, may both be known
        if found or self.unchecked:
            return found, self.unchecked
        if query.digest is None and not query.source:
            return [], "its recording is not known"
        digest = recording_digest(query.source) if query.digest is None else query.digest
        known = bool(digest) and self._recordings.get(query.key, bool(self._by_digest))
        found = self._by_digest.get(digest, []) if known else []
        if not found and query.source:
            shared = set(self._shared_frames.find(query.source))
            found = [stored for stored in self.stored if stored.clip.source in shared]
        return found, "" if known or found else "no digest of the recording is known"

    @cached_property
    def _shared_frames(self) -> SharedFrames:
        return SharedFrames(stored.clip.source for stored in self.stored)

    @cached_property
    def _recordings(self) -> dict[str, bool]:
        """Whether the digest of its recording is known, for each stored clip by its key."""
        return {stored.clip.key: bool(stored.recording) for stored in self.stored}

    @cached_property
    def _by_place(self) -> dict[str, list[StoredClip]]:
        return _grouped((place, stored) for stored in self.stored for place in _places(stored.clip.source))

    @cached_property
    def _by_digest(self) -> dict[str, list[StoredClip]]:
        return _grouped((stored.recording, stored) for stored in self.stored if stored.recording)

    @cached_property
    def _similarity(self) -> dict[str, set[str]]:
        """The subjects of the run that share each key of :func:`~atm_gcn.data.identity.similarity_keys`."""
        pairs = ((key, subject) for subject in self.subjects for key in similarity_keys(subject))
        return {key: set(subjects) for key, subjects in _grouped(pairs).items()}

    @cached_property
    def _store(self) -> tuple[list[StoredClip], str]:
        record, protocol = self.results.folder.record.store, self.results.folder.config.train.protocol
        try:
            if not record.origins and protocol.kind == "cross" and not protocol.test:
                return open_clips(record.path).clips, ""  # an earlier version recorded one checksum for two stores
            stores = record.open()
        except ATMGCNError as error:
            return [], str(error)
        people = {stored.clip.subject_key for store in stores for stored in store.clips}
        whole = [stored for store in stores for stored in store.located(0)[0].clips]
        return [stored for stored in whole if stored.clip.subject_key in people], ""  # what is not read of them, too

    @cached_property
    def _rows(self) -> list:
        return [(fold, row) for fold, one in enumerate(self.results.folds) for row in one.predictions()]


def _folds_by(pairs: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    return {name: frozenset(folds) for name, folds in _grouped(pairs).items()}


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _places(source: str) -> set[str]:
    return {os.path.normpath(Path(source).absolute()), os.path.realpath(source)} if source else set()


def _overlap(clip: Clip, query: Query) -> bool:
    return query.span is None or (clip.onset <= query.span[1] and query.span[0] <= clip.offset)
