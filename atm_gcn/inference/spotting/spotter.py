"""Finding brief movements in a stream of frames, with a few seconds of it in memory."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from atm_gcn.inference.spotting.peaks import SAME_TIME, MotionCurve
from atm_gcn.media.apex import thumbnail
from atm_gcn.media.face_detection import Box
from atm_gcn.media.face_tracking import FaceTracker
from atm_gcn.media.motion import course_of, interval_of, transient
from atm_gcn.media.resizing import resize_square
from atm_gcn.media.sources import Frame

HALF_SECONDS = 0.2  # k: a micro-expression, at most half a second long, has hardly begun so long before its apex
REACH_SECONDS = 0.27  # from the apex to frames at rest
SEARCH_SECONDS = 0.5  # on either side of the apex, for onset and offset
APART_SECONDS = 0.35  # two peaks that are closer are one movement and its echo at +-k
LONGEST_SECONDS = 0.7  # from onset to offset; what takes longer is no micro-expression
DELAY_SECONDS = 2.0  # that the curve runs ahead of the decisions, so that the first of them know what rest is
HEAD_PIXELS = 2.5  # of a thumbnail's 96: quicker heads than this are not explained to first order


@dataclass(frozen=True)
class Window:
    """Frames of one face that belong together.

    Args:
        pictures: uint8 RGB ``[L, size, size, 3]``, the first taken as the onset.
        apex: Position of the strongest movement among them; None if nobody knows.
        numbers: Frame number of each.
        seconds: Time of each.
        motion: Peak of the motion, and ``threshold`` that it passed; None for a window in which nothing was spotted.
        box: The face, in pixels of the recording.
    """

    pictures: np.ndarray
    apex: int | None
    numbers: tuple[int, ...]
    seconds: tuple[float, ...]
    motion: float | None = None
    threshold: float | None = None
    box: Box | None = None


@dataclass(frozen=True)
class _Held:
    number: int
    seconds: float
    segment: int | None
    box: Box | None
    thumbnail: np.ndarray | None
    picture: np.ndarray | None


class BoxTrack:
    """Where the face was in every frame, kept as the changes only."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._boxes: list[Box | None] = []

    def append(self, place: int, box: Box | None) -> None:
        """Say where the face is from a frame on."""
        if not self._boxes or self._boxes[-1] != box:
            self._places.append(place)
            self._boxes.append(box)

    def at(self, place: int) -> Box | None:
        """Where it is in a frame; None where the whole picture counts, or nothing does."""
        change = bisect_right(self._places, place) - 1
        return self._boxes[change] if change >= 0 else None


class Spotter:
    """Takes frames in and gives windows out: those around brief movements, and one after another in a fixed stride.

    Args:
        rate: Frames per second of the stream.
        size: Side of the windows' pictures.
        crop: Whether the pictures are those of the face alone; then there must be one.
        stride: Seconds covered by each regular window; 0 for none.

    Attributes:
        curve: Motion and threshold of every frame so far.
        follower: Where the face is; ``boxes`` where it was.
    """

    def __init__(self, rate: float, size: int, crop: bool, stride: float) -> None:
        self.size, self.crop, self.stride = size, crop, stride
        self.curve, self.follower, self.boxes = MotionCurve(), FaceTracker(required=crop), BoxTrack()
        self._usual = 1 / rate
        self._wait = SEARCH_SECONDS + HALF_SECONDS + DELAY_SECONDS
        self._memory = self._wait + SEARCH_SECONDS + APART_SECONDS + stride + 3 * self._usual
        self._held: deque[_Held] = deque()
        self._measured = 0  # frames whose motion is known, or never will be
        self._judged = 0  # frames whose being a peak is decided
        self._covered = 0  # frames that regular windows have passed

    def take(self, frame: Frame) -> Iterator[Window]:
        """The next frame; yields the windows that are complete with it."""
        self._hold(frame)
        place = len(self.curve) - 1
        while self._measured < place and self._is_past(self._measured, HALF_SECONDS):
            self._measure(self._measured)
            self._measured += 1
        yield from self._strides(place)
        while self._judged < place and self._is_past(self._judged, self._wait):
            yield from self._judge(place)

    def finish(self) -> Iterator[Window]:
        """The end of the stream; yields what was still waiting."""
        place = len(self.curve) - 1
        while self._judged <= place:
            yield from self._judge(place)

    def _hold(self, frame: Frame) -> None:
        self.follower.update(frame.image, frame.seconds)
        box, segment = self.follower.box, self.follower.segment
        small = picture = None
        if segment is not None:
            face = frame.image if box is None else box.crop(frame.image)
            small, picture = thumbnail(face), resize_square(face if self.crop else frame.image, self.size)
        self._held.append(_Held(frame.number, frame.seconds, segment, box, small, picture))
        self.boxes.append(len(self.curve), box)
        self.curve.append(frame.number, frame.seconds)
        while self._held[0].seconds < frame.seconds - self._memory and self._first < self._judged:
            self._held.popleft()

    def _is_past(self, place: int, seconds: float) -> bool:
        """Whether the stream has come so far beyond a frame."""
        return self.curve.seconds[-1] >= self.curve.seconds[place] + seconds - SAME_TIME

    def _measure(self, place: int) -> None:
        sides = [self.curve.nearest(place, lag) for lag in (-HALF_SECONDS, HALF_SECONDS)]
        lags = [abs(self.curve.seconds[side] - self.curve.seconds[place]) for side in sides]
        if any(abs(lag - HALF_SECONDS) > self._usual for lag in lags) or place in sides:
            return  # the recording begins or ends here, or has a pause
        three = [self._at(sides[0]), self._at(place), self._at(sides[1])]
        if _together(three):
            motion = transient(*(held.thumbnail for held in three))
            self.curve.set(place, motion.magnitude, motion.head)

    def _judge(self, place: int) -> Iterator[Window]:
        here, self._judged = self._judged, self._judged + 1
        if not self.curve.is_peak(here, APART_SECONDS, judged_at=place) or self.curve.head[here] > HEAD_PIXELS:
            return
        places = self._run(here)
        held = [self._at(i) for i in places]
        before, after = (self.curve.nearest(here, lag) for lag in (-REACH_SECONDS, REACH_SECONDS))
        rest = (max(before, places[0]) - places[0], min(after, places[-1]) - places[0])
        thumbnails = np.stack([one.thumbnail for one in held])
        apex = here - places[0]
        interval = interval_of(course_of(thumbnails, apex, rest), apex)
        if interval is None or held[interval[1]].seconds - held[interval[0]].seconds > LONGEST_SECONDS:
            return
        onset, offset = interval
        chosen, threshold = held[onset : offset + 1], self.curve.threshold_for(here, place)
        yield _window(chosen, apex - onset, self.curve.value(here), threshold)

    def _strides(self, place: int) -> Iterator[Window]:
        """The regular windows, each beginning with the last frame of the one before, or where a face appears."""
        if not self.stride or place <= self._covered or not self._is_past(self._covered, self.stride):
            return
        if self._is_past(self._covered, self.stride + 1.5 * self._usual):  # a pause in the recording
            self._covered = place
            return
        chosen = [self._at(i) for i in range(self._covered, place + 1)]
        if _together(chosen):
            self._covered = place
            yield _window(chosen)
            return
        while chosen and not _together(chosen):
            del chosen[0]
            self._covered += 1

    def _run(self, here: int) -> range:
        """The frames around one in which the search goes on, as far as they show the same face in the same box."""
        near = self.curve.within(here, SEARCH_SECONDS)
        first, last = here, here
        while first > max(near.start, self._first) and _together([self._at(here), self._at(first - 1)]):
            first -= 1
        while last < near.stop - 1 and _together([self._at(here), self._at(last + 1)]):
            last += 1
        return range(first, last + 1)

    @property
    def _first(self) -> int:
        return len(self.curve) - len(self._held)

    def _at(self, place: int) -> _Held:
        return next(islice(self._held, place - self._first, None))


def _together(frames: list[_Held]) -> bool:
    return frames[0].segment is not None and all(held.segment == frames[0].segment for held in frames)


def _window(
    frames: list[_Held], apex: int | None = None, motion: float | None = None, threshold: float | None = None
) -> Window:
    return Window(
        np.stack([held.picture for held in frames]),
        apex,
        tuple(held.number for held in frames),
        tuple(held.seconds for held in frames),
        motion,
        threshold,
        frames[0].box,
    )
