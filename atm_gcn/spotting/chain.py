"""Spot-then-recognise in long videos: each person is searched and classified by models not trained on them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.spotting.curve_figure import plot_video
from atm_gcn.spotting.held_out.folds import SpottingFold, spotting_folds
from atm_gcn.spotting.held_out.search import Search, search_folds
from atm_gcn.spotting.held_out.spotters import (
    SPOTTERS,
    Measured,
    Sought,
    Spotter,
    held_out_scores,
    people_to_learn_from,
)
from atm_gcn.spotting.layout import SpottingFolder
from atm_gcn.spotting.long_videos import LongVideo, long_videos, micro_clips
from atm_gcn.spotting.motion import RATE, VideoMotion, measure_video
from atm_gcn.spotting.results import SpottingResults, read_results, write_results
from atm_gcn.spotting.slow_motion import SLOWDOWN
from atm_gcn.spotting.training import SpotterTraining
from atm_gcn.spotting.windows import FRAMES
from atm_gcn.terminal.progress import track
from atm_gcn.training.devices.device import choose_device
from atm_gcn.training.execution import Executor, PoolExecutor
from atm_gcn.training.interruption import StopRequest
from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.run_folder import RunFolder, settle_threads
from atm_gcn.training.run import run_folds

log = logging.getLogger(__name__)


def spot_and_recognise(
    config: RunConfig,
    store: ClipStore,
    out: str | Path,
    spotters: Sequence[Spotter] = SPOTTERS,
    training: SpotterTraining | None = None,
    resume: bool = False,
    executor: Executor | None = None,
    progress: bool = False,
    macro: bool = True,
) -> SpottingResults:
    """Spot the expressions in the recordings of a frame store, classify the micro-expressions, and score both together.

    For every fold, the settings of a spotter (threshold and durations) are chosen on training people, the classifier is
    trained on their micro-expressions, and the recordings of the people who are held out are searched. The learnt
    spotter also looks for macro-expressions, if two or more training people of every fold show one in a video of 6.4 s
    or more; they are not classified. An interrupted run is resumed with the same results.

    Args:
        config: Settings of the classifiers, from :func:`~atm_gcn.training.settings.resolve` for
            :func:`~atm_gcn.spotting.long_videos.micro_clips` of the store.
        store: Clips that were cut from long videos, whose recordings are still in place.
        out: Folder of the run; :mod:`atm_gcn.spotting.layout` lists its files.
        spotters: ``"learnt"``, the graph; ``"threshold"``, the one of ``atm-gcn predict``; or both.
        training: How the learnt spotter is trained.
        resume: Resume a run in that folder.
        executor: Where classifiers are trained; None is this process. With several processes
            (:class:`~atm_gcn.training.execution.PoolExecutor`), as many folds are searched at a time.
        progress: Show bars on stderr.
        macro: Whether macro-expressions are looked for.

    Raises:
        ATMGCNError: Before anything is written, if config, store and folder do not fit together.
        Interrupted: After a signal.
    """
    check_protocol(config)
    training, clips, videos = training or SpotterTraining(), micro_clips(store), long_videos(store)
    folder = SpottingFolder(out)
    recognition = RunFolder(folder.recognition)
    tasks = tasks_of(config, clips)
    folds = spotting_folds(tasks, clips, videos, recognition.path)
    record = record_of(config, store, spotters, training, recognition, macro)
    with folder.opened(record, resume):
        with _stopping(folder.path) as check_stop:
            measured = _measure(videos, store, folder, check_stop, progress)
        if recognition.is_begun and not recognition.pending(tasks) and (recognition.path / "metrics.json").is_file():
            log.info("%s: the classifiers are trained already", recognition.path)
        else:
            run_folds(config, clips, recognition.path, True, executor)
        device = choose_device(config.train.compute.device, "train.compute.device (--device)")
        threads, seed = recognition.config.train.compute.threads, config.train.protocol.seed
        search = Search(folder, measured, training, seed, threads, device)
        jobs = executor.jobs if isinstance(executor, PoolExecutor) else 1
        sought = sought_in(measured, folds, spotters, macro)
        with _stopping(folder.path) as check_stop:
            for each in sought:
                search_folds(search, each, folds, jobs, check_stop, progress)
            results = write_results(folder, folds, measured, sought, store.classes)
            _draw(folder, folds, measured, results)
    return results


def sought_in(
    measured: Measured, folds: Sequence[SpottingFold], spotters: Sequence[Spotter], macro: bool
) -> list[Sought]:
    """What is looked for: micro-expressions by every spotter, and macro-expressions where they can be learnt."""
    sought = [Sought(spotter) for spotter in spotters]
    if not (macro and "learnt" in spotters):
        return sought
    people = people_to_learn_from("macro", measured)
    few = next((fold.name for fold in folds if len(people.intersection(fold.train)) < 2), None)
    if few is None:
        return [*sought, Sought("learnt", "macro")]
    if any(video.expressions["macro"] for video, _ in measured):
        log.info(
            "macro-expressions are not looked for: fold %s has fewer than two training people who show one in a video "
            "of %.1f s or more",
            few,
            FRAMES * SLOWDOWN["macro"] / RATE,
        )
    return sought


def check_protocol(config: RunConfig) -> None:
    """Make sure that every person is held out once.

    Raises:
        ATMGCNError: If the protocol is another, or the task.
    """
    protocol = config.train.protocol
    if protocol.kind not in ("loso", "kfold") or protocol.seeds > 1 or protocol.auxiliary is not None:
        raise ATMGCNError("spot-and-recognise holds out every person once; leave --test, --with, --seeds and --all out")
    check_task(config.model.task)


def check_task(task: str) -> None:
    """Make sure that what is found is classified by emotion.

    Raises:
        ATMGCNError: If the task is another.
    """
    if task != "emotion":
        raise ATMGCNError("spot-and-recognise classifies by emotion, as the challenge does; leave --task out")


def record_of(
    config: RunConfig,
    store: ClipStore,
    spotters: Sequence[Spotter],
    training: SpotterTraining,
    recognition: RunFolder | None = None,
    macro: bool = True,
) -> dict[str, Any]:
    """What determines a run, for :class:`~atm_gcn.spotting.layout.SpottingFolder`."""
    settled = config if recognition is None else settle_threads(config, [recognition])
    return {
        "store": {"path": str(store.path), "checksum": store.checksum},
        "spotters": list(spotters),
        "kinds": ["micro", "macro"] if macro and "learnt" in spotters else ["micro"],
        "training_of_the_spotter": {name: str(value) for name, value in vars(training).items()},
        "settings": settled.to_yaml(),
    }


@contextmanager
def _stopping(out: Path) -> Iterator[Callable[[], None]]:
    """A function that raises :class:`Interrupted` once SIGINT or SIGTERM was received in the block."""
    with StopRequest() as stop:

        def check() -> None:
            if stop():
                raise Interrupted(f"{out}: interrupted; go on with the same command and --resume", stop.signal or 2)

        yield check


def _measure(
    videos: Sequence[LongVideo],
    store: ClipStore,
    folder: SpottingFolder,
    check_stop: Callable[[], None],
    progress: bool,
) -> list[tuple[LongVideo, VideoMotion]]:
    """The motion of every video: read from its file, or measured and written."""
    config, measured = store.config, []
    settings = f"{config.face} {config.face_detector} {config.face_choice} {config.face_margin}"
    for video in track(videos, "videos measured", "videos", visible=progress):
        check_stop()
        path, source = folder.motion(video.place), f"{video.digest} {video.fps} {settings}"
        motion = VideoMotion.load(path, source)
        if motion is None:
            motion = measure_video(video.source, config, video.fps)
            motion.save(path, source)
        measured.append((video, motion))
    return measured


def _draw(
    folder: SpottingFolder,
    folds: Sequence[SpottingFold],
    measured: Sequence[tuple[LongVideo, VideoMotion]],
    results: SpottingResults,
) -> None:
    """The curve of every video."""
    fold_of = {person: fold for fold in folds for person in fold.test}
    for video, motion in measured:
        fold = fold_of[video.subject].name
        scores = {
            sought: held_out_scores(folder.fold(sought.name, fold)).get("/".join(video.place))
            for sought in results.sought
        }
        plot_video(video, motion, scores, results, fold, folder.curve(video.place))


__all__ = ["check_protocol", "read_results", "record_of", "spot_and_recognise"]
