"""Label schemes: which emotion belongs to which class.

The published tables spell the same emotion in several ways (``happy``, ``Happiness``); :func:`emotion_of` brings
them to one word, and each scheme of :data:`SCHEMES` maps those words to its classes. An emotion that a scheme does
not name has no class under it: its clips are left out, as the literature does. A scheme also says whether it is for
micro-expressions, which most are, for macro-expressions, or for both.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from atm_gcn.data.clip import Clip
from atm_gcn.defaults import KINDS
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
    "tense": ("tense", "tension"),
    "others": ("others", "other"),
    "negative": ("negative",),  # SMIC and the composite annotate these three
    "positive": ("positive",),
}
_WORDS = {spelling: emotion for emotion, spellings in SPELLINGS.items() for spelling in spellings}

ANY = "any"
"""The class of all clips under a scheme for the task action-units."""

COMPOSITE_CLASSES = ("negative", "positive", "surprise")
"""The classes of the MEGC 2019 composite, numbered 0, 1, 2 in its published list."""


@dataclass(frozen=True)
class Scheme:
    """A way to turn emotions into classes.

    Args:
        datasets: The datasets that it applies to.
        classes: The emotions of each class, the classes in the order of the logits.
        published: Whether clips keep the class of a published list instead of the mapping.
        kinds: The kinds of expressions that it is for, ``"micro"``, ``"macro"`` or both.
    """

    datasets: tuple[str, ...]
    classes: dict[str, tuple[str, ...]]
    published: bool = False
    kinds: tuple[str, ...] = KINDS[:1]

    @property
    def of_any_emotion(self) -> bool:
        """Whether clips have a class whatever their emotion: the kind of expression, or the same for all."""
        return not any(self.classes.values())

    def label(self, clip: Clip) -> str:
        """The clip's class; empty where the scheme has none for it."""
        if clip.kind not in self.kinds:
            return ""
        if self.of_any_emotion:
            return ANY if ANY in self.classes else clip.kind
        if self.published:
            return clip.label if clip.label in self.classes else ""
        emotion = emotion_of(clip.emotion)
        return next((label for label, emotions in self.classes.items() if emotion in emotions), "")


def _each(*emotions: str) -> dict[str, tuple[str, ...]]:
    return {emotion: (emotion,) for emotion in emotions}


def _of_all_kinds(name: str, dataset: str, classes: dict[str, tuple[str, ...]]) -> dict[str, Scheme]:
    """A scheme for micro-expressions, and the same for macro-expressions and for both."""
    return {
        name: Scheme((dataset,), classes),
        f"{name}-macro": Scheme((dataset,), classes, kinds=KINDS[1:]),
        f"{name}-both": Scheme((dataset,), classes, kinds=KINDS),
    }


def _units(dataset: str, kinds: tuple[str, ...] = KINDS[:1]) -> dict[str, Scheme]:
    """Schemes that leave nothing out, for the task action-units."""
    both = {f"{dataset}-units-both": Scheme((dataset,), {ANY: ()}, kinds=KINDS)} if len(kinds) > 1 else {}
    return {f"{dataset}-units": Scheme((dataset,), {ANY: ()}), **both}


def _kinds(dataset: str) -> Scheme:
    return Scheme((dataset,), {kind: () for kind in KINDS}, kinds=KINDS)


_POSITIVE_SURPRISE = {"positive": ("happiness",), "surprise": ("surprise",)}
_NEGATIVE = ("anger", "disgust", "fear", "sadness")
_SEVEN = _each("disgust", "surprise", "others", "fear", "anger", "sadness", "happiness")
_THREE = {"negative": ("disgust", "fear", "anger", "sadness"), **_POSITIVE_SURPRISE}
_FOUR = {**_THREE, "others": ("others",)}
_SAMM_5 = _each("anger", "happiness", "contempt", "surprise", "others")
_SAMM_3 = {"negative": ("anger", "contempt", "disgust", "fear", "sadness"), **_POSITIVE_SURPRISE}

SCHEMES: dict[str, Scheme] = {
    "casme-4": Scheme(("casme",), _each("tense", "disgust", "repression", "surprise")),
    "casme-3": Scheme(("casme",), {"negative": ("disgust", "repression"), **_POSITIVE_SURPRISE}),
    **_units("casme"),
    "casme2-5": Scheme(("casme2",), _each("happiness", "disgust", "repression", "surprise", "others")),
    "casme2-3": Scheme(("casme2",), {"negative": ("disgust", "repression"), **_POSITIVE_SURPRISE}),
    **_units("casme2"),
    **_of_all_kinds("casmesq-4", "casmesq", _each("negative", "positive", "surprise", "others")),
    "casmesq-3": Scheme(("casmesq",), _each("negative", "positive", "surprise")),
    "casmesq-2-kind": _kinds("casmesq"),
    **_units("casmesq", KINDS),
    "samm-5": Scheme(("samm",), _SAMM_5),
    "samm-5-paper": Scheme(("samm",), _each("anger", "happiness", "surprise", "sadness", "others")),
    "samm-3": Scheme(("samm",), _SAMM_3),
    **_units("samm"),
    "sammlv-5": Scheme(("sammlv",), _SAMM_5),
    "sammlv-3": Scheme(("sammlv",), _SAMM_3),
    "sammlv-2-kind": _kinds("sammlv"),
    **_units("sammlv", KINDS),
    "smic-3": Scheme(("smic",), _each(*COMPOSITE_CLASSES)),
    **_of_all_kinds("casme3-7", "casme3", _SEVEN),
    "casme3-4": Scheme(("casme3",), _FOUR),
    "casme3-3": Scheme(("casme3",), _THREE),
    "casme3-2-kind": _kinds("casme3"),
    **_units("casme3", KINDS),
    **_of_all_kinds("casme3c-7", "casme3c", _SEVEN),
    "casme3c-4": Scheme(("casme3c",), _FOUR),
    "casme3c-3": Scheme(("casme3c",), _THREE),
    "casme3c-2-kind": _kinds("casme3c"),
    **_units("casme3c", KINDS),
    "mmew-7": Scheme(("mmew",), _each("surprise", "disgust", "others", "happiness", "fear", "sadness", "anger")),
    "mmew-4": Scheme(("mmew",), _each("happiness", "surprise", "disgust", "others")),
    "mmew-3": Scheme(("mmew",), {"negative": _NEGATIVE, **_POSITIVE_SURPRISE}),
    **_units("mmew"),
    "4dme-5": Scheme(("4dme",), _each("negative", "positive", "surprise", "repression", "others")),
    "4dme-3": Scheme(("4dme",), _each("negative", "positive", "surprise")),
    **_units("4dme"),
    "composite-3": Scheme(("casme2", "samm", "smic"), _each(*COMPOSITE_CLASSES), published=True),
}

DEFAULT_SCHEMES = {
    "casme": "casme-4",
    "casme2": "casme2-5",
    "casmesq": "casmesq-4",
    "samm": "samm-5",
    "sammlv": "sammlv-5",
    "smic": "smic-3",
    "casme3": "casme3-7",
    "casme3c": "casme3c-7",
    "mmew": "mmew-4",
    "4dme": "4dme-5",
    "composite": "composite-3",
}
"""The default scheme of each dataset."""


def emotion_of(text: str) -> str:
    """The emotion that a word of an annotation table means; empty if none.

    Several, as in ``Surprise+Positive``, are given in the order of the alphabet: ``"positive+surprise"``.
    """
    emotions = {_WORDS.get(word.strip(), "") for word in text.casefold().split("+")}
    return "" if "" in emotions else "+".join(sorted(emotions))


def schemes_of(dataset: str) -> list[str]:
    """Names of the schemes of a dataset; none for a manifest, which has its own labels."""
    if dataset not in DEFAULT_SCHEMES:
        return []
    datasets = SCHEMES[DEFAULT_SCHEMES[dataset]].datasets
    return [name for name, rule in SCHEMES.items() if rule.datasets == datasets]


def scheme_named(name: str, dataset: str = "") -> Scheme:
    """Look a scheme up by its name.

    Args:
        name: The name.
        dataset: The dataset that it is wanted for, whose schemes an error names instead of all.

    Raises:
        ATMGCNError: If there is none of that name.
    """
    if name not in SCHEMES:
        known = schemes_of(dataset) or list(SCHEMES)
        raise ATMGCNError(f"scheme must be {either(known)}, not {name!r}{did_you_mean(name, known)}")
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
