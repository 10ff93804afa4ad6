"""Label schemes: which emotion belongs to which class.

The published tables spell the same emotion in several ways (``happy``, ``Happiness``); :func:`emotion_of` brings
them to one word, and each scheme of :data:`SCHEMES` maps those words to its classes. An emotion that a scheme does
not name has no class under it: its clips are left out, as the literature does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError, did_you_mean, either

SPELLINGS: dict[str, tuple[str, ...]] = {
    "anger": ("anger", "angry"),
    "contempt": ("contempt",),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful"),
    "happiness": ("happiness", "happy", "joy"),
    "sadness": ("sadness", "sad"),
    "surprise": ("surprise", "surprised"),
    "repression": ("repression", "repressed"),
    "others": ("others", "other"),
    "negative": ("negative",),  # SMIC and the composite annotate these three
    "positive": ("positive",),
}
_WORDS = {spelling: emotion for emotion, spellings in SPELLINGS.items() for spelling in spellings}

COMPOSITE_CLASSES = ("negative", "positive", "surprise")
"""The classes of the MEGC 2019 composite, numbered 0, 1, 2 in its published list."""


@dataclass(frozen=True)
class Scheme:
    """A way to turn emotions into classes.

    Args:
        datasets: The datasets that it applies to.
        classes: The emotions of each class, the classes in the order of the logits.
        published: Whether clips keep the class of a published list instead of the mapping.
    """

    datasets: tuple[str, ...]
    classes: dict[str, tuple[str, ...]]
    published: bool = False

    def label(self, clip: Clip) -> str:
        """The clip's class; empty where the scheme has none for it."""
        if self.published:
            return clip.label if clip.label in self.classes else ""
        emotion = emotion_of(clip.emotion)
        return next((label for label, emotions in self.classes.items() if emotion in emotions), "")


def _each(*emotions: str) -> dict[str, tuple[str, ...]]:
    return {emotion: (emotion,) for emotion in emotions}


_POSITIVE_SURPRISE = {"positive": ("happiness",), "surprise": ("surprise",)}

SCHEMES: dict[str, Scheme] = {
    "casme2-5": Scheme(("casme2",), _each("happiness", "disgust", "repression", "surprise", "others")),
    "casme2-3": Scheme(("casme2",), {"negative": ("disgust", "repression"), **_POSITIVE_SURPRISE}),
    "samm-5": Scheme(("samm",), _each("anger", "happiness", "contempt", "surprise", "others")),
    "samm-5-paper": Scheme(("samm",), _each("anger", "happiness", "surprise", "sadness", "others")),
    "samm-3": Scheme(
        ("samm",), {"negative": ("anger", "contempt", "disgust", "fear", "sadness"), **_POSITIVE_SURPRISE}
    ),
    "casme3-7": Scheme(("casme3",), _each("disgust", "surprise", "others", "fear", "anger", "sadness", "happiness")),
    "casme3-4": Scheme(
        ("casme3",),
        {"negative": ("disgust", "fear", "anger", "sadness"), **_POSITIVE_SURPRISE, "others": ("others",)},
    ),
    "smic-3": Scheme(("smic",), _each(*COMPOSITE_CLASSES)),
    "composite-3": Scheme(("casme2", "samm", "smic"), _each(*COMPOSITE_CLASSES), published=True),
}

DEFAULT_SCHEMES = {
    "casme2": "casme2-5",
    "samm": "samm-5",
    "smic": "smic-3",
    "casme3": "casme3-7",
    "composite": "composite-3",
}
"""The default scheme of each dataset."""


def emotion_of(text: str) -> str:
    """The emotion that a word of an annotation table means; empty if none."""
    return _WORDS.get(text.strip().casefold(), "")


def schemes_of(dataset: str) -> list[str]:
    """Names of the schemes of a dataset; none for a manifest, which has its own labels."""
    if dataset not in DEFAULT_SCHEMES:
        return []
    datasets = SCHEMES[DEFAULT_SCHEMES[dataset]].datasets
    return [name for name, rule in SCHEMES.items() if rule.datasets == datasets]


def scheme_named(name: str) -> Scheme:
    """Look a scheme up by its name.

    Raises:
        ATMGCNError: If there is none of that name.
    """
    if name not in SCHEMES:
        raise ATMGCNError(f"scheme must be {either(SCHEMES)}, not {name!r}{did_you_mean(name, SCHEMES)}")
    return SCHEMES[name]


def apply_scheme(clips: Iterable[Clip], scheme: str) -> tuple[list[Clip], list[Clip]]:
    """Give each clip its class.

    Args:
        clips: Clips of the datasets that the scheme is for.
        scheme: One of :data:`SCHEMES`.

    Returns:
        The clips that have a class, with ``label`` set, and the unchanged clips that the scheme leaves out.

    Raises:
        ATMGCNError: If there is no such scheme, or a clip belongs to another dataset.
    """
    rule = scheme_named(scheme)
    labelled: list[Clip] = []
    left_out: list[Clip] = []
    for clip in clips:
        if clip.dataset not in rule.datasets:
            raise ATMGCNError(
                f"label scheme {scheme} is for {', '.join(rule.datasets)}, but clip {clip.key} is not of those"
            )
        label = rule.label(clip)
        (labelled if label else left_out).append(replace(clip, label=label) if label else clip)
    return labelled, left_out
