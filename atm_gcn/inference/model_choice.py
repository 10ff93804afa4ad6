"""The choice of the models of a run that predict or explain a source: those that were not trained on it.

There is one rule, for ``atm-gcn predict``, ``atm-gcn explain`` and Python:

1. If the source is a clip of the run, or a recording of which clips of the run were cut, the models of the folds that
   held these clips out.
2. If it shows a subject of the run, the models of the folds that held this subject out.
3. Otherwise the models of all folds. If 1 or 2 apply and no fold held the source out, these too, with a warning.

The probabilities of several models are averaged. Of a run with several seeds, these are the models of all seeds, or of
the first N. A model that is named itself is used as named.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from atm_gcn.checkpoint import find_checkpoint, load_checkpoint
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.known_clips import KnownClips, Match, Query
from atm_gcn.training.results.fold_record import check_named_model
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_results import FinishedFold, RunResults

_ABSENT = " has this content"


@dataclass(frozen=True)
class ModelChoice:
    """The models that predict a source.

    Args:
        files: Their checkpoints; the probabilities are averaged.
        reason: Which models they are and why, such as ``"fold synth/s01, which held this clip out"``.
        trained_on: What of the source they were trained on: ``"this clip"``, ``"clips of this recording"``, ``"this
            person (synth/s01)"``; empty if nothing is known of it.
        held_out: What of the source was held out from all of them, likewise.
        knows_recording: Whether the source itself, and not only its person, is one of the run.
    """

    files: tuple[Path, ...]
    reason: str
    trained_on: str = ""
    held_out: str = ""
    knows_recording: bool = False

    @property
    def warning(self) -> str:
        """A sentence for the user, if the models were trained on the source; otherwise empty."""
        return trained_warning(self.reason) if self.trained_on else ""

    def describe(self, path: str | Path) -> dict[str, Any]:
        """The choice as ``--json`` prints it: ``path``, ``count``, ``reason``, ``held_out`` and ``trained_on``."""
        return {
            "path": str(path),
            "count": len(self.files),
            "reason": self.reason,
            "held_out": self.held_out or None,
            "trained_on": self.trained_on or None,
        }


class ModelChooser:
    """Chooses among the models that a path names, for one source after another.

    Args:
        path: Folder of a run or of a fold, or a checkpoint.
        seeds: Of a run with several seeds, the number of seeds, from the first, whose models are used; None for all.

    Attributes:
        seeds: The seeds of the run whose models are used; empty if it has one seed, or no run is named.

    Raises:
        ATMGCNError: If there is no model, no fold of a run is finished, a file of one was changed, or there are fewer
            seeds.
    """

    def __init__(self, path: str | Path, seeds: int | None = None) -> None:
        self.path = Path(path)
        self.is_run = RunFolder(path).is_begun
        self.reliability: dict[str, Any] | None = None  # of atm_gcn.inference.reliability, once it was asked for
        self.seeds: list[int] = []
        if self.is_run:
            run = RunResults(path)
            self.seeds = run.first_seeds(seeds)
            self._files = [file for file, fold in zip(run.models(), run.folds, strict=True) if self._uses(fold)]
        elif seeds is not None:
            raise ATMGCNError(f"{path}: is one model, and seeds are chosen among those of a run; leave --seeds out")
        else:
            self._files = [check_named_model(self.path)]

    @cached_property
    def all(self) -> ModelChoice:
        """All models, for a source that the run does not know."""
        return ModelChoice(tuple(self._files), self._name_all())

    def choose(self, query: Query) -> ModelChoice:
        """The models for one source.

        Raises:
            ATMGCNError: If the predictions of a fold are damaged or were changed.
        """
        return self._of_run(query) if self.is_run else self._named(query)

    def fps_of(self, source: str) -> float | None:
        """Frames per second that the run recorded for a source; None if it does not know the source."""
        try:
            return None if self.results is None else self._known.fps_of(source)
        except ATMGCNError:  # choose() reports it
            return None

    def name_of(self, file: Path) -> str:
        """A model as ``"fold synth/s01"``."""
        folds = self.results.folds if self.is_run and self.results is not None else []
        fold = next((fold for fold in folds if fold.folder == file.parent), None)
        if fold is None:
            return str(file)
        return name_folds([fold]) + ("" if fold.seed is None else f", seed {fold.seed}")

    @cached_property
    def results(self) -> RunResults | None:
        """The run that is named or that holds the named model; None if there is none."""
        if self.is_run:
            return RunResults(self.path)
        file = find_checkpoint(self.path).resolve()
        found = next((folder for folder in file.parents[:4] if RunFolder(folder).is_begun), None)
        return None if found is None else RunResults(found)

    @cached_property
    def _known(self) -> KnownClips:
        assert self.results is not None
        return KnownClips(self.results)

    def _uses(self, fold: FinishedFold) -> bool:
        return fold.seed is None or fold.seed in self.seeds

    def _name_all(self) -> str:
        if not self.is_run:
            return "the model that was named"
        if len(self._files) == 1:
            return "the run's only model"
        of = (
            f" of {len(self.seeds)} seeds" if len(self.seeds) > 1 else f" of seed {self.seeds[0]}" if self.seeds else ""
        )
        return f"mean of the {len(self._files)} fold models{of}"

    def _of_run(self, query: Query) -> ModelChoice:
        found = self._known.find(query)
        folds = self._known.results.folds
        chosen, phrase = self._that_held_out(found)
        models = [folds[number] for number in sorted(chosen) if self._uses(folds[number])]
        if models:
            files = tuple(fold.model() for fold in models)
            return _held_out(files, name_folds(models), phrase, found)
        if phrase:
            verb = "was" if len(self._files) == 1 else "were"
            reason = f"{self.all.reason}, which {verb} trained on {phrase}"
            return ModelChoice(tuple(self._files), reason, trained_on=phrase, knows_recording=bool(found.clips))
        return ModelChoice(tuple(self._files), self.all.reason + (_doubt(found) or f"; no clip of the run{_ABSENT}"))

    def _that_held_out(self, found: Match) -> tuple[frozenset[int], str]:
        """Positions of the folds that held out what was found, and what that is; no phrase if nothing was."""
        known = self._known
        if found.clips:
            clips = "this clip" if len(found.clips) == 1 else f"the {len(found.clips)} clips of this recording"
            return _common(known.held_out.get(clip, frozenset()) for clip in found.clips), clips
        if found.subjects:
            subjects = (known.subjects_held_out.get(subject, frozenset()) for subject in found.subjects)
            return _common(subjects), f"this person ({', '.join(found.subjects)})"
        return frozenset(), ""

    def _named(self, query: Query) -> ModelChoice:
        """The named model; its run, or else its metadata, tell whether it was trained on the source."""
        files, name = tuple(self._files), self.all.reason
        fold = self._named_fold()
        if fold is None:
            return self._by_metadata(query)
        found = self._known.find(query)
        chosen, phrase = self._that_held_out(found)
        if not phrase:
            return ModelChoice(files, name + (_doubt(found) or f"; no clip of its run{_ABSENT}"))
        if fold in chosen:
            return _held_out(files, name, phrase, found)
        reason = f"{name}, which was trained on {phrase}"
        return ModelChoice(files, reason, trained_on=phrase, knows_recording=bool(found.clips))

    def _named_fold(self) -> int | None:
        """The position of the named model among the folds of its run; None without a run that can be read."""
        if self.results is None:
            return None
        folder = find_checkpoint(self.path).resolve().parent
        try:
            folds = self.results.folds
            self._known.held_out  # noqa: B018  damaged predictions do not keep a named model from predicting
        except ATMGCNError:
            return None
        if folder == self.results.path.resolve() and len(folds) == 1:  # its copy, where no clip is held out
            return 0
        return next((i for i, fold in enumerate(folds) if fold.folder.resolve() == folder), None)

    def _by_metadata(self, query: Query) -> ModelChoice:
        files, name, metadata = tuple(self._files), self.all.reason, load_checkpoint(self._files[0])[2]
        if query.subject and query.subject == metadata.get("held_out"):
            return _held_out(files, name, f"this person ({query.subject})")
        return ModelChoice(files, f"{name}, whose run is not here to tell what it was trained on")


def trained_warning(reason: str) -> str:
    """A sentence on models that were trained on what they predict, by the reason for which they were chosen."""
    return f"the prediction is by {reason}; it does not show how well clips are read that no model has seen"


def choose_models(path: str | Path, query: Query | None = None, seeds: int | None = None) -> ModelChoice:
    """Choose the models for one source; see the rule of this module.

    Args:
        path: Folder of a run or of a fold, or a checkpoint.
        query: What is known of the source; None for one that the run does not know.
        seeds: See :class:`ModelChooser`.

    Raises:
        ATMGCNError: See :class:`ModelChooser`.
    """
    chooser = ModelChooser(path, seeds)
    return chooser.all if query is None else chooser.choose(query)


def name_folds(folds: Sequence[FinishedFold]) -> str:
    """``"fold synth/s01"``, with the number of seeds if there are several."""
    names = list(dict.fromkeys(fold.record.fold if fold.record else fold.name for fold in folds))
    text = ", ".join(name if name.startswith("fold") else f"fold {name}" for name in names)
    return f"{text} ({len(folds)} seeds)" if len(folds) > len(names) else text


def reasons_text(choices: Sequence[dict[str, Any]]) -> str:
    """By which models many sources are predicted, in a phrase; each choice is as from :meth:`ModelChoice.describe`."""
    reasons = {choice["reason"] for choice in choices}
    if len(reasons) == 1:
        return reasons.pop()
    held_out = sum(choice["held_out"] is not None for choice in choices)
    trained = sum(choice["trained_on"] is not None for choice in choices)
    others = len(choices) - held_out - trained
    parts = [
        f"{held_out} by the models of the fold that held each out" if held_out else "",
        f"{trained} by models that were trained on them" if trained else "",
        f"{others}, which the run does not know, by all models" if others else "",
    ]
    return ", ".join(filter(None, parts))


def _held_out(files: tuple[Path, ...], name: str, phrase: str, found: Match | None = None) -> ModelChoice:
    doubt = "" if found is None else _doubt(found)
    knows = found is not None and bool(found.clips)
    return ModelChoice(files, f"{name}, which held {phrase} out{doubt}", held_out=phrase, knows_recording=knows)


def _common(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset.intersection(*sets)


def _doubt(found: Match) -> str:
    if not found.unchecked:
        return ""
    what = "recognised by its key, not its content" if found.clips else "not compared with the run's clips"
    return f" ({what}: {found.unchecked})"
