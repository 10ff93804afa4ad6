"""Classification of the windows of a stream, in batches."""

from collections.abc import Callable

import numpy as np
import torch

from atm_gcn.config import DataConfig
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.prediction import CurvePeak
from atm_gcn.inference.sources.recording_clip import face_used, registration_used
from atm_gcn.inference.spotting.result import Candidate, Spotting, WindowPrediction
from atm_gcn.inference.spotting.spotter import Window
from atm_gcn.media.apex import choose_apex
from atm_gcn.media.timing import positions_of

_BATCH = 16  # windows that are classified together


class WindowClassifier:
    """Collects windows and classifies them in batches; with ``live``, a movement is classified at once."""

    def __init__(
        self,
        ensemble: Ensemble,
        device: torch.device,
        result: Spotting,
        on_candidate: Callable,
        on_clip: Callable,
        live: bool,
    ) -> None:
        self.ensemble, self.device, self.result = ensemble, device, result
        self.on_candidate, self.on_clip, self.live = on_candidate, on_clip, live
        self.waiting: list[tuple[Window, int]] = []

    def add(self, window: Window) -> None:
        self.result.first_window = self.result.first_window or window
        apex = choose_apex(window.pictures.frames, "max-motion") if window.apex is None else window.apex
        self.waiting.append((window, apex))
        if len(self.waiting) >= _BATCH or (self.live and window.peak is not None):
            self.flush()

    def _positions(self, window: Window) -> list[float]:
        return positions_of(np.array(window.seconds), self.result.rate).tolist()

    def flush(self) -> None:
        if not self.waiting:
            return
        clips = [
            data_of(
                window.pictures.frames,
                apex,
                self._positions(window),
                window.pictures.flow,
                None if window.face is None else window.face.landmarks(self.result.config),
            )
            for window, apex in self.waiting
        ]
        rows = self.ensemble.predict(clips, self.device).tolist()
        for (window, apex), clip, row in zip(self.waiting, clips, rows, strict=True):
            if window.peak is None:
                self.result.windows.append(WindowPrediction(window.seconds[0], window.seconds[-1], tuple(row)))
                continue
            candidate = _candidate(window, window.peak, apex, tuple(row), self.result.config)
            self.result.candidates.append(candidate)
            self.on_candidate(candidate)
            self.on_clip(candidate, clip)
        self.waiting = []


def _candidate(
    window: Window, peak: CurvePeak, apex: int, probabilities: tuple[float, ...], config: DataConfig
) -> Candidate:
    numbers, seconds = window.numbers, window.seconds
    return Candidate(
        onset=numbers[0],
        apex=numbers[apex],
        offset=numbers[-1],
        onset_seconds=seconds[0],
        apex_seconds=seconds[apex],
        offset_seconds=seconds[-1],
        motion=peak.motion,
        threshold=peak.threshold,
        probabilities=probabilities,
        face=None if window.face is None else face_used(window.face, config),
        registration=registration_used(window.pictures, config),
    )
