"""Results as text for a terminal."""

from typing import Any

from atm_gcn.files.escaping import escape
from atm_gcn.files.text_table import aligned
from atm_gcn.inference.model_choice import reasons_text


def to_text(result: dict[str, Any]) -> str:
    """Format one result: a clip, a table of a store's clips, or a table of the movements in a long recording."""
    if "clips" in result:
        return _store_text(result)
    return _spotting_text(result) if result.get("mode") == "spotting" else _recording_text(result)


def to_table(results: list[dict[str, Any]]) -> str:
    """Format many results as a table: a row per clip, and one per movement in recordings that were spotted."""
    names = list(next((part["probabilities"] for result in results for part in _parts(result)), {}))
    rows = [["source", "onset", "apex", "offset", "label", "predicted", *names]]
    for result in results:
        name = result.get("clip", result["source"])
        parts = _parts(result)
        if not parts:
            rows.append([name, "nothing spotted"] + [""] * (len(rows[0]) - 2))
        for part in parts:
            moments = [_moment(part.get(key, {})) for key in ("onset", "apex", "offset")]
            probabilities = [f"{part['probabilities'][key]:.4f}" for key in names]
            rows.append([part.get("clip", name), *moments, part.get("label", ""), part["predicted"], *probabilities])
    keep = [column for column in range(len(rows[0])) if any(row[column] for row in rows[1:])]
    return "\n".join([*_table([[row[column] for column in keep] for row in rows]), models_text(*results)])


def models_text(*results: dict[str, Any]) -> str:
    """Name the models of results, and say why these."""
    choices = [result["models"] for result in results]
    return escape(f"model: {choices[0]['path']} ({reasons_text(choices)})")


def candidate_text(candidate: dict[str, Any]) -> str:
    """Format one movement as a line, for the live output of a camera."""
    predicted = candidate["predicted"]
    onset, offset = candidate["onset"]["seconds"], candidate["offset"]["seconds"]
    return f"{onset:.2f} to {offset:.2f} s: {predicted} ({candidate['probabilities'][predicted]:.4f})"


def _recording_text(result: dict[str, Any]) -> str:
    width = max(map(len, result["probabilities"]))
    lines = [f"{name:<{width}}  {p:.4f}" for name, p in result["probabilities"].items()]
    lines.append(f"predicted: {result['predicted']}")
    chosen = ((name, result[name]) for name in ("onset", "apex", "offset"))
    lines.append("; ".join(f"{name} is {_frame_text(moment)} ({moment['chosen']})" for name, moment in chosen))
    lines.append(f"{result['num_frames']} frames used{_rate_text(result)}")
    lines += [f"the recording {note}" for note in result["notes"]]
    if result["face"]:
        lines.append("face at x={x}, y={y}, {side} pixels wide".format(**result["face"]))
    return "\n".join([*lines, models_text(result)])


def _spotting_text(result: dict[str, Any]) -> str:
    found = result["candidates"]
    lines = [f"{result['seconds']:.1f} s, {result['num_frames']} frames used{_rate_text(result)}"]
    lines += [f"the recording {note}" for note in result["notes"]]
    if found:
        names = list(found[0]["probabilities"])
        rows = [["onset", "apex", "offset", "predicted", *names, "motion"]]
        for part in found:
            moments = [_moment(part[key]) for key in ("onset", "apex", "offset")]
            probabilities = [f"{part['probabilities'][key]:.4f}" for key in names]
            rows.append([*moments, part["predicted"], *probabilities, f"{part['motion'] / part['threshold']:.1f} x"])
        lines += _table(rows)
        lines.append(f"{len(found)} brief movements, frame numbers in brackets; motion in multiples of the threshold")
    else:
        lines.append("no brief movement stands out")
    return "\n".join([*lines, models_text(result)])


def _store_text(result: dict[str, Any]) -> str:
    names = list(result["clips"][0]["probabilities"])
    rows = [["clip", "label", "predicted", *names, "apex"]]
    for clip in result["clips"]:
        probabilities = [f"{clip['probabilities'][name]:.4f}" for name in names]
        apex = f"position {clip['apex']['position']} ({clip['apex']['chosen']})"
        rows.append([clip["clip"], clip["label"], clip["predicted"], *probabilities, apex])
    return "\n".join([*_table(rows), models_text(result)])


def _rate_text(result: dict[str, Any]) -> str:
    value, training = result["fps"]["value"], result["training_fps"]
    if not value:
        return ""
    text = f" of a recording at {value:g} frames per second ({result['fps']['chosen']})"
    if result["resampled"]:
        return f"{text}, resampled to {training:g} as the training clips were"
    return text + (f"; the training clips had {training:g}" if training and value < training else "")


def _parts(result: dict[str, Any]) -> list[dict[str, Any]]:
    return result.get("clips", result.get("candidates", [result]))


def _moment(moment: dict[str, Any]) -> str:
    """``"8.97 s (180)"``, with the frame number in brackets; the number alone where the time is unknown."""
    if moment.get("seconds") is not None:
        return f"{moment['seconds']:.2f} s ({moment['frame']})"
    return str(moment.get("frame", ""))


def _frame_text(moment: dict[str, Any]) -> str:
    seconds = "" if moment["seconds"] is None else f" at {moment['seconds']:.3f} s"
    return f"frame {moment['frame']}{seconds}"


def _table(rows: list[list[str]]) -> list[str]:
    return [line.rstrip() for line in aligned(rows)]
