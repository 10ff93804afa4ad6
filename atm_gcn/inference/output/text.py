"""Results as text for a terminal."""

from collections.abc import Sequence

from atm_gcn.files.escaping import escape
from atm_gcn.files.text_table import aligned
from atm_gcn.inference.model_choice import reasons_text
from atm_gcn.inference.prediction import Moment, Movement, Prediction, whose
from atm_gcn.inference.sources.pictures_used import FaceUsed, RegistrationUsed
from atm_gcn.inference.spotting.why_nothing import count_reasons

_LISTED = 5  # peaks that were dropped, at most


def to_text(one: Prediction | Sequence[Prediction]) -> str:
    """Format the result of one recording, or those of its faces: a clip, or a table of the movements in it."""
    if isinstance(one, Sequence):
        return to_text(one[0]) if len(one) == 1 else to_table(one)
    return _spotting_text(one) if one.mode == "spotting" else _recording_text(one)


def store_text(predictions: Sequence[Prediction]) -> str:
    """Format the clips of a frame store as a table."""
    names = list(predictions[0].probabilities or {})
    rows = [["clip", "label", "predicted", *names, "apex"]]
    for one in predictions:
        probabilities = [f"{p:.4f}" for p in (one.probabilities or {}).values()]
        apex = f"position {one.apex_position} ({one.apex.chosen if one.apex else ''})"
        rows.append([one.clip or "", one.label or "", one.predicted or "", *probabilities, apex])
    return "\n".join([*_table(rows), models_text(*predictions)])


def to_table(predictions: Sequence[Prediction]) -> str:
    """Format many results: a row per clip, per movement in recordings that were spotted, and per source without any.

    Columns without content are left out.
    """
    names = list(next((one.probabilities for one in predictions if one.probabilities), {}))
    rows = [["source", "face", "onset", "apex", "offset", "label", "predicted", *names, "status"]]
    for one in predictions:
        name, label = one.clip or one.source, one.label or ""
        face = "" if one.face_number is None else str(one.face_number)
        if not one.movements:
            rows.append([name, face, "", "", "", label, *[""] * (1 + len(names)), one.status])
        for part in one.movements:
            moments = [_moment(moment) for moment in (part.onset, part.apex, part.offset)]
            probabilities = [f"{part.probabilities[key]:.4f}" for key in names]
            rows.append([name, face, *moments, label, part.predicted, *probabilities, ""])
    keep = [column for column in range(len(rows[0])) if any(row[column] for row in rows[1:])]
    table = _table([[row[column] for column in keep] for row in rows])
    # Errors are printed when they occur.
    reasons = [
        f"{whose(one.clip or one.source, one.face_number)}: {one.reason.removeprefix(f'{one.source}: ')}"
        for one in predictions
        if one.reason and one.status != "error"
    ]
    return "\n".join([*table, *map(escape, reasons), models_text(*predictions)])


def models_text(*predictions: Prediction) -> str:
    """Name the models of results and say why these, and what a result is worth, in two lines."""
    choices = [one.models for one in predictions if one.status in ("predicted", "nothing-found")]
    reason = f" ({reasons_text(choices)})" if choices else ""
    lines = [f"model: {predictions[0].model}{reason}"]
    return "\n".join(escape(line) for line in [*lines, f"reliability: {predictions[0].reliability['text']}"])


def movement_text(movement: Movement) -> str:
    """Format one movement as a line, for the live output of a camera."""
    onset, offset = movement.onset.seconds, movement.offset.seconds
    return f"{onset:.2f} to {offset:.2f} s: {certain_text(movement, '{} ({:.4f})')}"


def certain_text(one: Movement | Prediction, form: str = "{} {:.2f}") -> str:
    """The predicted class, or each of the predicted action units, with its probability.

    Args:
        one: What was predicted.
        form: Of a name and its probability.
    """
    probabilities, predicted = one.probabilities or {}, one.predicted or ""
    names = [predicted] if predicted in probabilities else predicted.split("+")
    return ", ".join(form.format(name, probabilities[name]) if name in probabilities else name for name in names)


def face_text(face: FaceUsed) -> str:
    """Where a face is, and which of several it is."""
    text = f"face at x={face.x}, y={face.y}, {face.side} pixels wide"
    return f"{text}, number {face.number} of {face.count} from the left" if face.count > 1 else text


def registration_text(found: RegistrationUsed) -> str:
    """How frames were registered, or why not."""
    if found.displacement is None:
        return f"frames are not registered to the onset: {found.reason}"
    return (
        f"frames registered to the onset ({found.kind}): up to {found.displacement:.1%} of the picture's side removed"
    )


def _recording_text(one: Prediction) -> str:
    probabilities = one.probabilities or {}
    width = max(map(len, probabilities))
    lines = [f"{name:<{width}}  {p:.4f}" for name, p in probabilities.items()]
    lines.append(f"predicted: {one.predicted}")
    chosen = (("onset", one.onset), ("apex", one.apex), ("offset", one.offset))
    lines.append("; ".join(f"{name} is {_frame_text(moment)}" for name, moment in chosen if moment))
    lines.append(f"{one.num_frames} frames used{_rate_text(one)}")
    lines += _note_lines(one)
    if one.face:
        lines.append(face_text(one.face))
    if one.registration and not any(str(one.registration.reason) in note for note in one.warned):
        lines.append(registration_text(one.registration))
    return "\n".join([*lines, models_text(one)])


def _note_lines(one: Prediction) -> list[str]:
    """The notes that were not logged."""
    return [f"the recording {note}" for note in one.notes if note not in one.warned]


def _spotting_text(one: Prediction) -> str:
    lines = [f"{one.seconds:.1f} s, {one.num_frames} frames used{_rate_text(one)}"]
    lines += _note_lines(one)
    if one.frames_without_face:
        lines.append(f"frames without the face that is followed, which were not searched: {one.frames_without_face}")
    if one.movements:
        names = list(one.movements[0].probabilities)
        rows = [["onset", "apex", "offset", "predicted", *names, "score" if one.spotter == "learnt" else "motion"]]
        for part in one.movements:
            moments = [_moment(moment) for moment in (part.onset, part.apex, part.offset)]
            probabilities = [f"{part.probabilities[key]:.4f}" for key in names]
            rows.append([*moments, part.predicted, *probabilities, _ratio(part)])
        lines += _table(rows)
        count = len(one.movements)
        lines.append(
            f"{count} brief movement{'' if count == 1 else 's'}, frame numbers in brackets; "
            f"{rows[0][-1]} in multiples of the threshold"
        )
        if one.dropped:
            lines.append(f"peaks above the threshold that are no movements: {count_reasons(one.dropped)}")
    else:
        lines += [f"no brief movement stands out: {one.reason}", *_dropped_lines(one)]
    if one.macro_expressions is not None:
        spans = [f"{_moment(part.onset)} to {_moment(part.offset)}" for part in one.macro_expressions]
        lines.append(f"macro-expressions, which are not classified: {', '.join(spans) or 'none'}")
    return "\n".join([*lines, models_text(one)])


def _dropped_lines(one: Prediction) -> list[str]:
    """The highest of the peaks that were dropped, and why."""
    highest = sorted(one.dropped, key=lambda peak: -peak.ratio)[:_LISTED]
    lines = [f"dropped: {peak.seconds:.2f} s ({peak.frame}), {peak.ratio:.1f} x: {peak.detail}" for peak in highest]
    more = len(one.dropped) - len(highest)
    return [*lines, f"and {more} more, which --json lists"] if more else lines


def _rate_text(one: Prediction) -> str:
    training = one.training_fps
    if one.fps is None or not one.fps.value:
        return ""
    text = f" of a recording at {one.fps.value:g} frames per second ({one.fps.chosen})"
    if one.resampled and training:
        return f"{text}, resampled to {training:g} as the training clips were"
    return text + (f"; the training clips had {training:g}" if training and one.fps.value < training else "")


def _moment(moment: Moment) -> str:
    """``"8.97 s (180)"``, with the frame number in brackets; the number alone where the time is unknown."""
    number = "" if moment.frame is None else str(moment.frame)
    return number if moment.seconds is None else f"{moment.seconds:.2f} s ({number})"


def _frame_text(moment: Moment) -> str:
    seconds = "" if moment.seconds is None else f" at {moment.seconds:.3f} s"
    return f"frame {moment.frame}{seconds} ({moment.chosen})"


def _ratio(part: Movement) -> str:
    return f"{part.motion / part.threshold:.1f} x" if part.motion and part.threshold else ""


def _table(rows: list[list[str]]) -> list[str]:
    return [line.rstrip() for line in aligned(rows)]
