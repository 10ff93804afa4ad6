"""Who is held out together: the folds of the classifiers, and people without a clip for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.spotting.long_videos import LongVideo
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.layout import MODEL, fold_folder


@dataclass(frozen=True)
class SpottingFold:
    """The training people and the held-out people of one fold.

    Args:
        name: Unique among the folds of a run: the person's key, if one is held out.
        train: Keys of the training people.
        test: Keys of the people who are held out.
        model: The classifier's checkpoint, or the folder of the run where all of its models are used.
    """

    name: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    model: Path


def spotting_folds(
    tasks: Sequence[Task], store: ClipStore, videos: Sequence[LongVideo], recognition: Path
) -> list[SpottingFold]:
    """One fold per fold of the classifiers, and one per person of whom they have no clip.

    The latter are classified by the models of all folds, none of which knows them.

    Args:
        tasks: Of the classifiers.
        store: The classifiers' clips.
        videos: All videos.
        recognition: Folder of the classifiers' run.

    Raises:
        ATMGCNError: If a fold would leave fewer than two people to choose settings on.
    """
    people = sorted({video.subject for video in videos})
    folds = []
    for task in tasks:
        test = tuple(sorted({store.clips[place].clip.subject_key for place in task.fold.test}))
        train = tuple(person for person in people if person not in test)
        folds.append(SpottingFold(task.fold.name, train, test, fold_folder(recognition, task.path) / MODEL))
    tested = {person for fold in folds for person in fold.test}
    for person in people:
        if person not in tested:
            others = tuple(other for other in people if other != person)
            folds.append(SpottingFold(person, others, (person,), recognition))
    for fold in folds:
        if len(fold.train) < 2:
            raise ATMGCNError(
                f"fold {fold.name}: leaves {len(fold.train)} person to train on; spotting needs two or more, so add "
                "videos of other people, or ask for more folds"
            )
    return folds
