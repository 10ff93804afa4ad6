"""What fitted spotters found in a recording, in the form of every other search."""

from collections.abc import Sequence

import torch

from atm_gcn.config import DataConfig
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.prediction import DroppedPeak, MacroExpression, Moment, SpotterName
from atm_gcn.inference.sources.recording_clip import face_used, registration_used
from atm_gcn.inference.spotting.motion_track import RecordingReader
from atm_gcn.inference.spotting.peaks import MotionCurve
from atm_gcn.inference.spotting.result import Candidate as Classified
from atm_gcn.inference.spotting.result import Spotting
from atm_gcn.spotting.candidates import Candidate
from atm_gcn.spotting.held_out.recognition import read_interval
from atm_gcn.spotting.motion import MotionSpotter, VideoMotion


class SearchedRecording(Spotting):
    """The result of a search by fitted spotters.

    Args:
        ensemble: The classifiers.
        recording: The recording, from :func:`~atm_gcn.spotting.motion.motion_reader`.
        fps_source: How its frame rate was chosen.
        spotter: Which spotter.
    """

    def __init__(self, ensemble: Ensemble, recording: RecordingReader, fps_source: str, spotter: SpotterName) -> None:
        super().__init__(ensemble, recording, fps_source)
        self.spotter_name = spotter
        self._unread: list[str] = []
        self.spotter = MotionSpotter(self.rate, self.config)
        self.curve, self.boxes = self.spotter.curve, self.spotter.boxes

    @property
    def dropped(self) -> list[DroppedPeak]:
        """Always empty: what is no movement lies below the threshold, or is too short or too long."""
        return []

    @property
    def resampled(self) -> bool:
        """Whether frames are left out of clips to come down to the rate of the training clips."""
        timing = self.stream.timing
        return bool(self.config.fps and timing and timing.exceeds(self.config.fps))

    def why_nothing(self) -> str:
        """Why no movement is reported."""
        text = f"what was found cannot be read as a clip: {', '.join(self._unread)}"
        return text if self._unread else super().why_nothing()

    def keep_macro_expressions(self, found: Sequence[Candidate], threshold: float, motion: VideoMotion) -> None:
        """Keep the macro-expressions that were found, whose scores reach ``threshold``."""
        self.macro_expressions = []
        seconds = dict(zip(motion.numbers.tolist(), motion.seconds.tolist(), strict=True))
        for one in found:
            onset, apex, offset = (
                Moment(number, seconds[number], "spotted") for number in (one.onset, one.apex, one.offset)
            )
            self.macro_expressions.append(MacroExpression(onset, apex, offset, one.strength, threshold))

    def classify(
        self,
        found: Sequence[Candidate],
        curve: MotionCurve,
        config: DataConfig,
        device: torch.device,
        fps: float | None = None,
    ) -> None:
        """Classify the intervals that were found, from their frames.

        Args:
            found: The intervals, in order of time.
            curve: The curve by which they were found, with its threshold; it takes the place of :attr:`curve`.
            config: Settings by which the classifiers' clips were prepared.
            device: Device of the classifiers.
            fps: Frames per second of the recording; None for the rate that the file states.
        """
        self.curve, self.config = curve, config
        source = str(self.stream.source)
        each = [(one, read_interval(source, config, (one.onset, one.apex, one.offset), fps)) for one in found]
        read = [(one, *clip) for one, clip in each if clip is not None]
        self._unread = [f"frames {one.onset} to {one.offset}" for one, clip in each if clip is None]
        if self._unread:
            self.notes.append(f"moves in {', '.join(self._unread)}, which cannot be read as a clip")
            self.warned.append(self.notes[-1])
        clips = [data for _, data, _, _ in read]
        rows = self._ensemble.predict(clips, device).tolist() if clips else []
        row_of = {number: row for row, number in enumerate(curve.numbers)}
        values, threshold = curve.motion, curve.threshold
        for (one, _, pictures, raw), row in zip(read, rows, strict=True):
            onset, apex, offset = (row_of[number] for number in (one.onset, one.apex, one.offset))
            self.candidates.append(
                Classified(
                    onset=one.onset,
                    apex=one.apex,
                    offset=one.offset,
                    onset_seconds=curve.seconds[onset],
                    apex_seconds=curve.seconds[apex],
                    offset_seconds=curve.seconds[offset],
                    motion=float(values[apex]),
                    threshold=float(threshold[apex]),
                    probabilities=tuple(row),
                    face=None if raw.face is None else face_used(raw.face, config),
                    registration=registration_used(pictures, config),
                )
            )
