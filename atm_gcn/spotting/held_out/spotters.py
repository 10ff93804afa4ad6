"""The two spotters of one fold: settings chosen on training people, and the intervals of those who are held out."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import torch

from atm_gcn.defaults import Kind
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.tensors import read_tensors, write_tensors
from atm_gcn.spotting.candidates import Candidate, SpotterSettings, by_scores, by_threshold, choose_settings
from atm_gcn.spotting.graph_spotter import GraphSpotter, SpotterSize
from atm_gcn.spotting.held_out.folds import SpottingFold
from atm_gcn.spotting.layout import FIX, FRAME_SCORES, MODEL, SPOTTED, read_part, write_part
from atm_gcn.spotting.long_videos import LongVideo
from atm_gcn.spotting.motion import CHANNELS, VideoMotion
from atm_gcn.spotting.slow_motion import SLOWDOWN, slow_motion
from atm_gcn.spotting.training import SpotterTraining, frame_scores, train_spotter
from atm_gcn.spotting.windows import FRAMES, windows_of
from atm_gcn.training.protocol.seeds import derive_seed

Spotter = Literal["learnt", "threshold"]
SPOTTERS: tuple[Spotter, ...] = get_args(Spotter)
"""The spotters, in the order of results."""
INNER_FOLDS = 3
"""Groups of training people, each of which is searched by a spotter that was trained on the others."""
FORMAT = 1

Measured = Sequence[tuple[LongVideo, VideoMotion]]


class Sought(NamedTuple):
    """What a search looks for, and how.

    Args:
        spotter: Which spotter.
        kind: Which expressions; macro-expressions are looked for by the learnt spotter only.
    """

    spotter: Spotter
    kind: Kind = "micro"

    @property
    def name(self) -> str:
        """Of the folder with its folds: ``learnt``, ``threshold`` or ``learnt-macro``."""
        return self.spotter if self.kind == "micro" else f"{self.spotter}-{self.kind}"

    @property
    def title(self) -> str:
        """For tables: ``learnt``, ``threshold`` or ``learnt, macro``."""
        return self.name.replace("-", ", ")


def people_to_learn_from(kind: Kind, measured: Measured) -> set[str]:
    """The people who show an expression of a kind in a video that is long enough for a window of slow motion."""

    def frames(motion: VideoMotion) -> int:
        return -(-len(motion) * motion.slowdown // SLOWDOWN[kind])

    return {video.subject for video, motion in measured if video.expressions[kind] and frames(motion) >= FRAMES}


def spot_fold(
    sought: Sought,
    fold: SpottingFold,
    measured: Measured,
    folder: Path,
    digest: str,
    seed: int,
    training: SpotterTraining,
    check_stop: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Search the videos of the people who are held out, or read what was found before.

    Args:
        sought: What is looked for.
        fold: Who is held out.
        measured: All videos and their motion.
        folder: Folder of the fold.
        digest: Of the run, by which its files are known.
        seed: The run's seed.
        training: How the learnt spotter is trained.
        check_stop: Called from time to time; raises an exception to stop.

    Returns:
        ``settings``, ``training_f1`` and, for each video in the order of ``measured``, ``intervals``: onset, apex,
        offset and strength.
    """
    done = read_part(folder / SPOTTED, digest)
    if done is not None:
        return done
    kind, slowdown = sought.kind, SLOWDOWN[sought.kind]
    slow = [(video, slow_motion(motion, slowdown)) for video, motion in measured]
    train = [one for one in slow if one[0].subject in fold.train]
    test = [one for one in slow if one[0].subject in fold.test]
    if sought.spotter == "threshold":
        candidates = {video.place: by_threshold(motion) for video, motion in (*train, *test)}
    else:
        candidates = _learnt(kind, fold, train, test, folder, derive_seed(seed, fold.name), training, check_stop)
    settings, f1 = choose_settings(
        {_key(video): candidates[video.place] for video, _ in train},
        {_key(video): video.expressions[kind] for video, _ in train},
        slowdown,
    )
    found = [
        {"subject": video.subject, "video": video.name, "intervals": _rows(settings, candidates[video.place])}
        for video, _ in test
    ]
    return write_part(folder / SPOTTED, {"settings": vars(settings), "training_f1": f1, "videos": found}, digest)


def _learnt(
    kind: Kind,
    fold: SpottingFold,
    train: Measured,
    test: Measured,
    folder: Path,
    seed: int,
    training: SpotterTraining,
    check_stop: Callable[[], None],
) -> dict[tuple[str, str], list[Candidate]]:
    """Candidates of every video, each by a spotter that was not trained on its person; writes model and scores."""
    windows = {
        video.place: windows_of(motion, video.expressions[kind], video.apexes[kind])
        for video, motion in (*train, *test)
    }
    scores: dict[tuple[str, str], np.ndarray] = {}

    def train_and_score(own: Measured, others: Measured) -> GraphSpotter:
        def check(step: int, loss: float) -> None:
            check_stop()

        torch.manual_seed(seed)
        model = train_spotter([windows[video.place] for video, _ in own], seed, training, on_step=check)
        scores.update({video.place: frame_scores(model, windows[video.place]) for video, _ in others})
        return model

    people = [fold.train[place] for place in np.random.default_rng(seed).permutation(len(fold.train))]
    shown = people_to_learn_from(kind, train)
    people.sort(key=lambda person: person not in shown)  # so that they are dealt to different groups
    count = min(INNER_FOLDS, len(people))
    for group in (set(people[first::count]) for first in range(count)):
        train_and_score(
            [one for one in train if one[0].subject not in group], [one for one in train if one[0].subject in group]
        )
    model = train_and_score(train, test)
    save_spotter(folder / MODEL, model)
    held_out = {_key(video): torch.from_numpy(scores[video.place]) for video, _ in test}
    write_tensors(folder / FRAME_SCORES, held_out, {"format": FORMAT})
    return {video.place: by_scores(motion, scores[video.place]) for video, motion in (*train, *test)}


def _key(video: LongVideo) -> str:
    return "/".join(video.place)


def _rows(settings: SpotterSettings, candidates: Sequence[Candidate]) -> list[list[float]]:
    return [[one.onset, one.apex, one.offset, one.strength] for one in settings.chosen(candidates)]


def save_spotter(path: Path, model: GraphSpotter) -> None:
    """Write a learnt spotter, whole or not at all."""
    write_tensors(path, dict(model.state_dict()), {"format": FORMAT, "size": vars(model.size)})


def load_spotter(path: str | Path) -> GraphSpotter:
    """Read a file of :func:`save_spotter`. No code of the file is run.

    Raises:
        ATMGCNError: If it is absent, damaged or no learnt spotter.
    """
    path = Path(path)
    state, header = read_tensors(path, "learnt spotter", FIX, FORMAT)
    try:
        model = GraphSpotter(CHANNELS, SpotterSize(**header["size"]))
        model.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ATMGCNError(f"{path}: is no learnt spotter, or of another version; train it again") from error
    return model.eval()


def held_out_scores(folder: Path) -> Mapping[str, np.ndarray]:
    """Scores of the frames of every held-out video of a fold of the learnt spotter; empty if there are none."""
    try:
        tensors, _ = read_tensors(folder / FRAME_SCORES, "scores of a spotter", FIX, FORMAT)
    except ATMGCNError:
        return {}
    return {name: tensor.numpy() for name, tensor in tensors.items()}
