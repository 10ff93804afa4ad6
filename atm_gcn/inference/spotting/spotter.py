"""Spotting of brief movements in a stream of frames, with a few seconds of it in memory."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipFace
from atm_gcn.data.sampling import cap
from atm_gcn.inference.prediction import CurvePeak, DroppedPeak, DropReason
from atm_gcn.inference.spotting.box_track import BoxTrack
from atm_gcn.inference.spotting.losses import Loss
from atm_gcn.inference.spotting.peaks import DEVIATIONS, SAME_TIME, MotionCurve
from atm_gcn.inference.spotting.segment import Segment
from atm_gcn.inference.spotting.window import BufferedFrame, Window, together
from atm_gcn.media.apex import SIDE
from atm_gcn.media.faces.person import Person
from atm_gcn.media.motion import REST, course_of, interval_of, transient
from atm_gcn.media.sources import Frame

HALF_SECONDS = 0.2  # k: a micro-expression, at most half a second long, has hardly begun that long before its apex
REACH_SECONDS = 0.27  # from the apex to frames at rest
SEARCH_SECONDS = 0.5  # on either side of the apex, for onset and offset
APART_SECONDS = 0.35  # two peaks that are closer are one movement and its echo at +-k
LONGEST_SECONDS = 0.7  # from onset to offset; a longer movement is no micro-expression
DELAY_SECONDS = 2.0  # by which decisions lag behind the curve, so that the first ones know the motion at rest
JUMP = 10.0  # grey levels between two frames; a head that turns fast changes half as much
HEAD_PIXELS = 2.5  # of a thumbnail's 96: the motion of faster heads is not removed by a first-order model


class Spotter:
    """Turns a stream of frames into windows: those around brief movements, and regular ones with a fixed stride.

    Args:
        rate: Frames per second of the stream.
        config: Settings by which the models' training clips were prepared. Unless ``config.face`` is ``"none"``, the
            face must be found.
        stride: Length in seconds of each regular window; 0 for none.
        deviations: Robust standard deviations of the threshold above the median.

    Attributes:
        curve: Motion and threshold of every frame so far.
        jumped: Whether the last frame differs so much from the one before it that it may show somebody else.
        boxes: The face's box in every frame so far.
        losses: When the person who is followed was lost from sight.
        dropped: Peaks above the threshold that are no movements.
        first_face: The face of the first segment that has one.
        frames_without_face: Frames in which a face is needed, and that of the person who is followed was not found.
    """

    def __init__(self, rate: float, config: DataConfig, stride: float, deviations: float = DEVIATIONS) -> None:
        self.config, self.stride, self.crop = config, stride, config.face != "none"
        self.curve, self.boxes, self.jumped = MotionCurve(deviations), BoxTrack(), False
        self.dropped: list[DroppedPeak] = []
        self.losses: list[Loss] = []
        self.first_face: ClipFace | None = None
        self.frames_without_face = 0
        self._usual = 1 / rate
        self._wait = SEARCH_SECONDS + HALF_SECONDS + DELAY_SECONDS
        self._memory = self._wait + SEARCH_SECONDS + APART_SECONDS + stride + 3 * self._usual
        self._buffer: deque[BufferedFrame] = deque()
        self._segment: Segment | None = None
        self._person: Person | None = None  # whose segment that is
        self._opened = 0  # segments of the person, of which the last one is that
        self._measured = 0  # frames whose motion is known, or will never be known
        self._decided = 0  # frames of which it is decided whether they are peaks
        self._covered = 0  # frames that regular windows have passed
        self._strided = 0  # the last frame at which they may end

    def process(self, frame: Frame, person: Person | None) -> Iterator[Window]:
        """Add the next frame, and yield the windows that it completes.

        Args:
            frame: The frame.
            person: The person who is followed, as found in the frame; None if nobody was found yet.
        """
        self._append(frame, person)
        index = len(self.curve) - 1
        while self._measured < index and self._is_past(self._measured, HALF_SECONDS):
            self._measure(self._measured)
            self._measured += 1
        yield from self._certain_strides()
        while self._decided < index and self._is_past(self._decided, self._wait):
            yield from self._decide(index)

    def finish(self, person: Person | None = None) -> Iterator[Window]:
        """End the stream, and yield the remaining windows.

        Args:
            person: As found in the last frame, if that was searched again.
        """
        self._check_person(person)
        self._segment = None
        yield from self._certain_strides()
        index = len(self.curve) - 1
        while self._decided <= index:
            yield from self._decide(index)
        self._buffer.clear()

    def _append(self, frame: Frame, person: Person | None) -> None:
        self._check_person(person)
        small = kept = np.empty(0)
        if person is None or person.segment is None:
            self._segment = None
            self.frames_without_face += person is None or not person.awaits_confirmation
        elif self._person is not person or self._opened != person.opened:
            self._begin_segment(frame, person)
        if self._segment is not None:
            small, kept = self._segment.thumbnail(frame.image), self._segment.keep(frame.image)
        self.jumped = self._has_jumped(small)
        self._buffer.append(BufferedFrame(frame.number, frame.seconds, self._segment, small, kept))
        if person is None or person.box is None:
            self.boxes.append(frame.seconds, None)
        self.curve.append(frame.number, frame.seconds)
        while self._buffer[0].seconds < frame.seconds - self._memory and self._first < self._decided:
            self._buffer.popleft()

    def _begin_segment(self, frame: Frame, person: Person) -> None:
        if self.losses and self._person is person and self.losses[-1].again is None:
            self.losses[-1] = replace(self.losses[-1], again=frame.seconds)
        self._person, self._opened, found = person, person.opened, None
        self.boxes.append(min(person.since, frame.seconds), person.box)
        if person.face is not None:
            found = ClipFace(person.face, person.faces, len(self.curve), frame.number, frame.image.shape[:2])
        self.first_face = self.first_face or found
        self._segment = Segment(self.config, found if self.crop else None, found, frame.image.shape)

    def _check_person(self, person: Person | None) -> None:
        """End the segment when the person's own has ended, with the last frame that is sure to show the person."""
        owner = self._person
        if self._segment is None or owner is None:
            return
        if owner is person and owner.segment is not None and self._opened == owner.opened:
            return
        self._leave_out(owner.ended)
        if owner.reason is not None:
            self.losses.append(Loss(owner.ended, self.curve.number_at(owner.ended), owner.reason))
        self._segment = None

    def _leave_out(self, until: float) -> None:
        """Exclude the frames of the segment after a time, and the motion of those that were compared with them."""
        for place in range(len(self._buffer) - 1, -1, -1):
            buffered = self._buffer[place]
            if buffered.segment is not self._segment or buffered.seconds <= until + SAME_TIME:
                break
            self._buffer[place] = replace(buffered, segment=None)
            self.frames_without_face += 1
            self.boxes.append(buffered.seconds, None)
        for index in range(self._measured - 1, self._first - 1, -1):
            if self.curve.seconds[self.curve.nearest(index, HALF_SECONDS)] <= until + SAME_TIME:
                break
            self.curve.forget(index)

    def _has_jumped(self, small: np.ndarray) -> bool:
        before = self._buffer[-1] if self._buffer else None
        if before is None or self._segment is None or before.segment is not self._segment:
            return False
        return float(np.abs(small - before.thumbnail).mean()) > JUMP

    def _certain_strides(self) -> Iterator[Window]:
        """The regular windows of frames that are known to show one person."""
        last, person = len(self.curve) - 1, self._person
        while self._strided < last:
            at = self._strided + 1
            if self._segment is not None and person is not None and self.curve.seconds[at] > person.seen + SAME_TIME:
                return
            self._strided = at
            yield from self._strides(at)

    def _is_past(self, index: int, seconds: float) -> bool:
        """Whether the stream has gone that many seconds beyond a frame."""
        return self.curve.seconds[-1] >= self.curve.seconds[index] + seconds - SAME_TIME

    def _measure(self, index: int) -> None:
        sides = [self.curve.nearest(index, lag) for lag in (-HALF_SECONDS, HALF_SECONDS)]
        lags = [abs(self.curve.seconds[side] - self.curve.seconds[index]) for side in sides]
        if any(abs(lag - HALF_SECONDS) > self._usual for lag in lags) or index in sides:
            return  # the recording begins or ends here, or has a pause
        three = [self._at(sides[0]), self._at(index), self._at(sides[1])]
        if together(three):
            motion = transient(*(frame.thumbnail for frame in three))
            self.curve.set(index, motion.magnitude, motion.head)

    def _decide(self, now: int) -> Iterator[Window]:
        index, self._decided = self._decided, self._decided + 1
        if not self.curve.exceeds(index, known_at=now) or self._at(index).segment is None:
            return
        strongest, head = self.curve.strongest_within(index, APART_SECONDS), self.curve.head[index]
        if strongest != index:
            if self.curve.is_local_maximum(index):
                self._drop(index, "stronger-motion-near", f"stronger motion at {self.curve.seconds[strongest]:.2f} s")
            return
        if head > HEAD_PIXELS:
            self._drop(index, "head-motion", f"the head moves by {head / SIDE:.1%} of the face's width, too fast")
            return
        indices = self._search_range(index)
        frames = [self._at(i) for i in indices]
        before, after = (self.curve.nearest(index, lag) for lag in (-REACH_SECONDS, REACH_SECONDS))
        rest = (max(before, indices[0]) - indices[0], min(after, indices[-1]) - indices[0])
        thumbnails = np.stack([frame.thumbnail for frame in frames])
        apex = index - indices[0]
        course = course_of(thumbnails, apex, rest)
        interval = interval_of(course, apex)
        if interval is None:
            self._drop(index, *self._restless(course, apex, [frame.seconds for frame in frames]))
            return
        onset, offset = interval
        length = frames[offset].seconds - frames[onset].seconds
        if length > LONGEST_SECONDS:
            self._drop(index, "too-long", f"lasts {length:.2f} s, longer than a micro-expression")
            return
        yield self._window(frames[onset : offset + 1], apex - onset, self.curve.peak(index))

    def _drop(self, index: int, reason: DropReason, detail: str) -> None:
        peak = self.curve.peak(index)
        self.dropped.append(DroppedPeak(peak.frame, peak.seconds, peak.motion, peak.threshold, reason, detail))

    def _restless(self, course: np.ndarray, apex: int, seconds: list[float]) -> tuple[DropReason, str]:
        """Why a movement has no frame at rest before it, or none after it."""
        sides = (
            ("before", course[:apex], seconds[apex] - seconds[0]),
            ("after", course[apex:], seconds[-1] - seconds[apex]),
        )
        side, length = next((side, length) for side, part, length in sides if not (part < REST).any())
        if length > SEARCH_SECONDS - self._usual:
            return "no-rest", f"no rest within {SEARCH_SECONDS:g} s {side} it"
        place = "beginning" if side == "before" else "end"
        return (
            "near-edge",
            f"{length:.2f} s from the {place} of the recording, or of the frames with the face in one place",
        )

    def _strides(self, index: int) -> Iterator[Window]:
        """The regular windows; each begins with the last frame of the previous one, or where a face appears."""
        passed = self.curve.seconds[index] - self.curve.seconds[self._covered] + SAME_TIME
        if not self.stride or index <= self._covered or passed < self.stride:
            return
        if passed >= self.stride + 1.5 * self._usual:  # a pause in the recording
            self._covered = index
            return
        chosen = [self._at(i) for i in range(self._covered, index + 1)]
        if together(chosen):
            self._covered = index
            yield self._window(chosen)
            return
        while chosen and not together(chosen):
            del chosen[0]
            self._covered += 1

    def _search_range(self, index: int) -> range:
        """The frames around one that show the same face in the same box, to search for onset and offset."""
        near = self.curve.within(index, SEARCH_SECONDS)
        first, last = index, index
        while first > max(near.start, self._first) and together([self._at(index), self._at(first - 1)]):
            first -= 1
        while last < near.stop - 1 and together([self._at(index), self._at(last + 1)]):
            last += 1
        return range(first, last + 1)

    def _window(self, frames: list[BufferedFrame], apex: int | None = None, peak: CurvePeak | None = None) -> Window:
        """Frames of one segment as a window, thinned to as many as a clip may have."""
        if len(frames) > self.config.max_frames:
            kept = cap(len(frames), self.config.max_frames, [] if apex is None else [apex])
            frames, apex = [frames[i] for i in kept], None if apex is None else int(np.searchsorted(kept, apex))
        numbers, segment = tuple(frame.number for frame in frames), frames[0].segment
        assert segment is not None
        pictures = segment.pictures([frame.kept for frame in frames], numbers)
        return Window(pictures, apex, numbers, tuple(frame.seconds for frame in frames), peak, segment.face)

    @property
    def _first(self) -> int:
        return len(self.curve) - len(self._buffer)

    def _at(self, index: int) -> BufferedFrame:
        return next(islice(self._buffer, index - self._first, None))
