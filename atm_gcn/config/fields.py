"""Types of settings with their limits, so that absurd values are refused before memory is allocated for them."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from atm_gcn.config.yaml_values import number, whole_number

MOST_CLASSES = 1000
LONGEST_NAME = 200
LONGEST_PATH = 1000
MOST_FACES = 100
MOST_UNIT = 98
FACE_DETECTORS = ("mtcnn", "haar")
FACE_CHOICES = ("largest", "left", "right", "centre", "track")
BUILDER_NAME = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")


def _names(value: Any) -> Any:
    """Check names of classes or datasets: not too many, short, different, and of whole characters."""
    names = value if isinstance(value, list | tuple) else ()
    if len(names) > MOST_CLASSES:
        raise ValueError(f"must have at most {MOST_CLASSES:,} names, not {len(names):,}")
    for place, name in enumerate(names):
        if not isinstance(name, str):
            continue
        if len(name) > LONGEST_NAME:
            raise ValueError(f"must have names of at most {LONGEST_NAME} characters, and the name at {place} has more")
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise ValueError(f"must have names of whole characters, and {name!r} holds half a surrogate pair")
        if name in names[:place]:
            raise ValueError(f"must have different names, and {name!r} occurs twice")
    return value


def _builder(value: Any) -> Any:
    """Check the name of a function or class that builds a model."""
    if isinstance(value, str) and not (BUILDER_NAME.fullmatch(value) and len(value) <= LONGEST_NAME):
        raise ValueError(f"must be package.module:function, not {value[:LONGEST_NAME]!r}")
    return value


def _face_choice(value: Any) -> Any:
    """Check which face of several is meant, a word or the number from the left; numbers may be text."""
    if value in FACE_CHOICES:
        return value
    place = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 9 else value
    if isinstance(place, bool) or not (isinstance(place, int) and 1 <= place <= MOST_FACES):
        raise ValueError(
            f"must be {', '.join(FACE_CHOICES)}, or the number of the face from the left, not {str(value)[:40]!r}"
        )
    return place


def _face_detector(value: Any) -> Any:
    """Check the name of a detector of faces; whether a file exists is not checked."""
    if (
        not isinstance(value, str)
        or len(value) > LONGEST_PATH
        or not (value in FACE_DETECTORS or value.lower().endswith(".onnx"))
    ):
        raise ValueError(f"must be {', '.join(FACE_DETECTORS)}, or an .onnx file, not {str(value)[:40]!r}")
    return value


def _units(value: Any) -> Any:
    """Check numbers of action units: at least two, different, and from 1 to 98."""
    units = value if isinstance(value, list | tuple) else ()
    numbers = [int(unit) if isinstance(unit, str) and unit.isdecimal() and len(unit) < 4 else unit for unit in units]
    for place, unit in enumerate(numbers):
        if isinstance(unit, bool) or not isinstance(unit, int) or not 1 <= unit <= MOST_UNIT:
            raise ValueError(f"must have numbers of action units from 1 to {MOST_UNIT}, not {str(unit)[:40]!r}")
        if unit in numbers[:place]:
            raise ValueError(f"must have different units, and {unit} occurs twice")
    if isinstance(value, list | tuple) and len(numbers) < 2:
        raise ValueError(f"must have at least two units, not {len(numbers)}")
    return numbers if isinstance(value, list | tuple) else value


Whole = Annotated[int, BeforeValidator(whole_number)]
Number = Annotated[float, BeforeValidator(number), Field(allow_inf_nan=False)]
PositiveFloat = Annotated[Number, Field(gt=0, le=1000)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
Channels = Annotated[Whole, Field(ge=1, le=16_384)]
Epochs = Annotated[Whole, Field(ge=1, le=100_000)]
FrameRate = Annotated[Number, Field(ge=0.01, le=100_000)]
Tau = Annotated[float, BeforeValidator(number), Field(ge=0.001)]
Builder = Annotated[str, BeforeValidator(_builder)]
FaceDetector = Annotated[str, BeforeValidator(_face_detector)]
FaceChoice = Annotated[str | int, BeforeValidator(_face_choice)]
Names = Annotated[list[str], BeforeValidator(_names)]
Units = Annotated[list[int], BeforeValidator(_units)]
