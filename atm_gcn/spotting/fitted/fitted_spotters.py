"""The spotters that a finished run has fitted, and which of them search a recording."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from atm_gcn.data.recordings import recording_digest
from atm_gcn.defaults import Kind
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.csv_tables import text_of
from atm_gcn.files.limits import read_table_file
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.prediction import RECORDED_IN_RUN
from atm_gcn.inference.sources.recording_clip import check_settings
from atm_gcn.inference.spotting.peaks import CurveWords, MotionCurve
from atm_gcn.inference.spotting.spotting import check_read
from atm_gcn.media.sources import Frame
from atm_gcn.metrics.spotting import Interval
from atm_gcn.spotting.candidates import Candidate, SpotterSettings, by_scores, by_threshold, choose_settings, smoothed
from atm_gcn.spotting.fitted.searched_recording import SearchedRecording
from atm_gcn.spotting.graph_spotter import GraphSpotter
from atm_gcn.spotting.held_out.spotters import SPOTTERS, Sought, Spotter, held_out_scores, load_spotter
from atm_gcn.spotting.layout import FRAME_SCORES, MODEL, SCORES, SPOTTED, TRUTH, SpottingFolder, read_part
from atm_gcn.spotting.motion import VideoMotion, measure, motion_reader, recording_of
from atm_gcn.spotting.results import MACRO, read_results
from atm_gcn.spotting.slow_motion import SLOWDOWN, slow_motion
from atm_gcn.spotting.training import frame_scores
from atm_gcn.spotting.windows import windows_of

Place = tuple[str, str]
_FIX = "copy the run's folder again"


class FittedSpotters:
    """The spotters of a finished run of :func:`~atm_gcn.spotting.spot_and_recognise`, for any recording.

    A recording of the run is searched by the spotter that held its person out, with the settings that were chosen
    then. Any other is searched by the mean of the scores of all learnt spotters, with the settings that have the
    highest F1 on all people of the run, of whom each is scored by the spotter that held the person out. If
    macro-expressions were looked for in the run, they are here, too.

    ::

        spotters = FittedSpotters("run")
        classifiers = Ensemble.open(spotters.classifiers).for_source("interview.mp4")
        found = spotters.search(classifiers, "interview.mp4", torch.device("cpu"))
        found.to_prediction().movements

    Args:
        path: Folder of the run.
        spotter: ``"learnt"`` or ``"threshold"``; None for the one with the higher F1 in the run.

    Attributes:
        classifiers: Folder of the run that trained the classifiers.
        spotter: The spotter.
        f1: Its F1 on people who were held out.

    Raises:
        ATMGCNError: If this is no finished run, or it has no such spotter.
    """

    def __init__(self, path: str | Path, spotter: Spotter | None = None) -> None:
        self.path, self._folder = Path(path), SpottingFolder(path)
        scores = read_results(path).scores
        try:
            own = {name: scores["spotters"][name] for name in SPOTTERS if name in scores["spotters"]}
            f1: dict[Spotter, float] = {name: float(one["overall"]["f1"]) for name, one in own.items()}
            folds = {name: list(one["settings"]) for name, one in own.items()}
            macro = any(MACRO in one for one in own.values())
        except (KeyError, TypeError, ValueError) as error:
            raise ATMGCNError(f"{self.path / SCORES}: is damaged; {_FIX}") from error
        if spotter is not None and spotter not in f1:
            raise ATMGCNError(f"{path}: has no {spotter} spotter, only {' and '.join(f1)}; name that one")
        self.spotter: Spotter = spotter if spotter is not None else max(f1, key=lambda name: f1[name])
        self.f1 = f1[self.spotter]
        self.classifiers = self._folder.recognition
        self._folds = folds[self.spotter]
        self._micro = Sought(self.spotter)
        self._macro = Sought("learnt", "macro") if macro else None
        self._models: dict[tuple[Sought, str], GraphSpotter] = {}
        self._settings: dict[Sought, SpotterSettings] = {}

    def search(
        self,
        ensemble: Ensemble,
        source: str | Path,
        device: torch.device,
        settings: dict[str, Any] | None = None,
        fps: float | None = None,
        on_frame: Callable[[Frame], None] = lambda frame: None,
    ) -> SearchedRecording:
        """Find the micro-expressions in a recording and classify each, and find the macro-expressions.

        Args:
            ensemble: The classifiers, chosen for the recording.
            source: Video file or folder of frames.
            device: Device of the classifiers; spotters are small, and compute on the CPU.
            settings: Data settings that override the classifiers' own, such as ``{"face": "crop"}``.
            fps: Frames per second of the recording; None for the rate that the file states.
            on_frame: Called with every frame.

        Raises:
            ATMGCNError: If the recording cannot be read, or a file of the run is gone or damaged.
        """
        person, rate = self._recordings.get(recording_digest(source), (None, None))
        if person is not None:  # also where the classifiers have no clip of the recording
            ensemble = ensemble.for_query(Query(str(source), subject=person))
        config = ensemble.read_settings(settings)
        check_settings(ensemble, source, config, spots=True)
        recorded = None if fps is not None else rate or ensemble.recorded_fps(source)
        fps = fps or recorded
        folds, note = self._choose(ensemble, person)
        chosen = {one: self._settings_for(one, folds) for one in (self._micro, self._macro) if one is not None}
        reader = motion_reader(source, config, fps)
        origin = reader.stream.fps_source if recorded is None else RECORDED_IN_RUN
        found, motion = measure(
            reader, lambda recording, _: SearchedRecording(ensemble, recording, origin, self.spotter), on_frame
        )
        check_read(reader, [found])
        own = chosen[self._micro]
        curve, candidates = self._find(motion, folds, own)
        found.classify(own.chosen(candidates), curve, config, device, fps)
        if self._macro is not None:
            own, slow = chosen[self._macro], slow_motion(motion, SLOWDOWN["macro"])
            candidates = by_scores(slow, self._scores(self._macro, folds, slow))
            found.keep_macro_expressions(own.chosen(candidates), own.threshold, motion)
        found.notes.append(note)
        found.warn("face_choice" in (settings or {}) or config.face_choice != "largest")
        return found

    def _choose(self, ensemble: Ensemble, person: str | None) -> tuple[list[str], str]:
        """The folds whose spotters search a recording, and which these are, as a note."""
        kind, names = "spotter" if self.spotter == "learnt" else "threshold", {person}
        if ensemble.choice.held_out and ensemble.chooser is not None and ensemble.chooser.results is not None:
            folds = ensemble.chooser.results.folds
            names |= {fold.record.fold for fold in folds if fold.record and fold.model() in ensemble.files}
        own = [name for name in self._folds if name in names]
        if len(own) == 1:
            what = ensemble.choice.held_out or f"this person ({person})"
            return own, f"was searched by the {kind} of fold {own[0]}, which held {what} out"
        which = f"the mean of the {len(self._folds)} learnt spotters" if self.spotter == "learnt" else "the threshold"
        return self._folds, f"was searched by {which} of {self.path} (F1 {self.f1:.2f} on people held out)"

    def _find(
        self, motion: VideoMotion, folds: Sequence[str], chosen: SpotterSettings
    ) -> tuple[MotionCurve, list[Candidate]]:
        """The curve by which a recording is searched, and the movements in it."""
        rule = "chosen on annotated videos"
        if self.spotter == "threshold":
            limits, words = chosen.threshold * motion.threshold, CurveWords(rule=rule)
            return MotionCurve.of(motion.numbers, motion.seconds, motion.curve, limits, words), by_threshold(motion)
        scores = self._scores(self._micro, folds, motion)
        values = np.where(motion.known, smoothed(scores)[0], np.nan)
        limits, words = np.where(motion.known, chosen.threshold, np.nan), CurveWords("score of an apex", "", rule)
        return MotionCurve.of(motion.numbers, motion.seconds, values, limits, words), by_scores(motion, scores)

    def _scores(self, sought: Sought, folds: Sequence[str], motion: VideoMotion) -> np.ndarray:
        """The mean of the scores of the learnt spotters of some folds."""
        windows = windows_of(motion)
        return np.mean([frame_scores(self._model(sought, fold), windows) for fold in folds], axis=0)

    def _model(self, sought: Sought, fold: str) -> GraphSpotter:
        if (sought, fold) not in self._models:
            self._models[sought, fold] = load_spotter(self._folder.fold(sought.name, fold) / MODEL)
        return self._models[sought, fold]

    def _settings_for(self, sought: Sought, folds: Sequence[str]) -> SpotterSettings:
        """The settings of one fold, or those of all for recordings that the run does not know."""
        if len(folds) == 1:
            return SpotterSettings(**self._spotted(sought, folds[0])["settings"])
        if sought not in self._settings:
            self._settings[sought] = self._choose_settings(sought)
        return self._settings[sought]

    def _spotted(self, sought: Sought, fold: str) -> dict[str, Any]:
        own = self._folder.fold(sought.name, fold)
        spotted = read_part(own / SPOTTED, self._folder.digest)
        if spotted is None:
            raise ATMGCNError(f"{own / SPOTTED}: is gone or damaged; {_FIX}")
        return spotted

    @cached_property
    def _recordings(self) -> dict[str, tuple[str, float | None]]:
        """Whom every recording of the run shows, and by which rate it was read; by its digest."""
        found = {}
        for place in (
            (one["subject"], one["video"]) for fold in self._folds for one in self._spotted(self._micro, fold)["videos"]
        ):
            digest, _, read = recording_of(self._folder.motion(place)).partition(" ")
            rate = read.partition(" ")[0]
            if digest:
                found[digest] = place[0], None if rate in ("None", "") else float(rate)
        return found

    def _choose_settings(self, sought: Sought) -> SpotterSettings:
        """The settings with the highest F1 on all people of the run."""
        truth, slowdown = _read_truth(self.path / TRUTH, sought.kind), SLOWDOWN[sought.kind]
        candidates: dict[Place, list[Candidate]] = {}
        for fold in self._folds:
            own = self._folder.fold(sought.name, fold)
            scores = held_out_scores(own)
            for one in self._spotted(sought, fold)["videos"]:
                place = one["subject"], one["video"]
                file, key = self._folder.motion(place), "/".join(place)
                motion = VideoMotion.load(file)
                if motion is None:
                    raise ATMGCNError(f"{file}: is gone or damaged; {_FIX}")
                if sought.spotter == "threshold":
                    candidates[place] = by_threshold(motion)
                elif key in scores:
                    candidates[place] = by_scores(slow_motion(motion, slowdown), scores[key])
                else:
                    raise ATMGCNError(f"{own / FRAME_SCORES}: is gone or damaged; {_FIX}")
        return choose_settings(
            {"/".join(place): each for place, each in candidates.items()},
            {"/".join(place): truth.get(place, []) for place in candidates},
            slowdown,
        )[0]


def _read_truth(path: Path, kind: Kind) -> dict[Place, list[Interval]]:
    """The annotated expressions of a kind in ``truth.csv``, by person and video."""
    found: dict[Place, list[Interval]] = {}
    try:
        for row in csv.DictReader(io.StringIO(read_table_file(path).decode(), newline="")):
            subject, video, onset, offset = (text_of(row[name]) for name in ("subject", "video", "onset", "offset"))
            own = found.setdefault((subject, video), [])
            if onset and row["type"] == kind:
                own.append(Interval(video, int(onset), int(offset)))
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise ATMGCNError(f"{path}: is gone or damaged; {_FIX}") from error
    return found
