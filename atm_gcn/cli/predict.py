"""``atm-gcn predict``: a trained model on a video, a folder of frames, or a frame store."""

import json
from pathlib import Path
from typing import Any

import click

PATH = click.Path(path_type=Path)
FPS = click.FloatRange(min=0, min_open=True)


@click.command()
@click.argument("source", type=PATH)
@click.option("--model", "run", required=True, type=PATH, help="Folder of a run or of a fold, or a checkpoint.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--face", type=click.Choice(["crop", "none"]), help="Crop to the face; by default as in training.")
@click.option("--onset", type=int, help="Frame number of the neutral face.")
@click.option("--apex", type=int, help="Frame number of the strongest movement.")
@click.option("--offset", type=int, help="Frame number of the last frame.")
@click.option("--fps", type=FPS, help="Frames per second of SOURCE; by default what the video says.")
@click.option("--apex-rule", type=click.Choice(["max-motion", "middle"]), help="How to find the apex without --apex.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, ...")
def predict(
    source: Path, run: Path, as_json: bool, face: str | None, apex_rule: str | None, device: str, **frames: Any
) -> None:
    """Classify the clip in a recording, or all clips of a frame store.

    SOURCE is a video file or a folder of frames, taken as one clip, or a frame store with many. A run's folder holds
    one model a fold; their probabilities are averaged.
    """
    from atm_gcn.training.device import choose_device
    from atm_gcn.training.ensemble import Ensemble
    from atm_gcn.training.predicting import is_store, predict_recording, predict_store

    ensemble, where = Ensemble.open(run), choose_device(device)
    if is_store(source):
        given = [name for name, value in (frames | {"face": face, "apex-rule": apex_rule}).items() if value is not None]
        if given:
            raise click.UsageError(f"--{given[0]} is for videos and folders of frames; {source} is a frame store")
        result, text = predict_store(ensemble, source, where), _store_text
    else:
        wishes = {key: value for key, value in (("face", face), ("apex", apex_rule)) if value is not None}
        result, text = predict_recording(ensemble, source, where, wishes, **frames), _recording_text
    click.echo(json.dumps(result, indent=2, ensure_ascii=False) if as_json else text(result))


def _recording_text(result: dict[str, Any]) -> str:
    width = max(map(len, result["probabilities"]))
    lines = [f"{name:<{width}}  {p:.4f}" for name, p in result["probabilities"].items()]
    lines.append(f"predicted: {result['predicted']}")
    chosen = ((name, result[name]) for name in ("onset", "apex", "offset"))
    lines.append("; ".join(f"{name} is frame {frame['frame']} ({frame['chosen']})" for name, frame in chosen))
    lines.append(f"{result['num_frames']} frames used")
    if result["fps"]["value"]:
        lines[-1] += f" of a recording at {result['fps']['value']:g} frames a second ({result['fps']['chosen']})"
    if result["face"]:
        lines.append("face at x={x}, y={y}, {side} pixels wide".format(**result["face"]))
    return "\n".join([*lines, _model_text(result)])


def _store_text(result: dict[str, Any]) -> str:
    names = list(result["clips"][0]["probabilities"])
    rows = [["clip", "label", "predicted", *names, "apex"]]
    for clip in result["clips"]:
        probabilities = [f"{clip['probabilities'][name]:.4f}" for name in names]
        apex = f"position {clip['apex']['position']} ({clip['apex']['chosen']})"
        rows.append([clip["clip"], clip["label"], clip["predicted"], *probabilities, apex])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, _model_text(result)])


def _model_text(result: dict[str, Any]) -> str:
    count = result["num_models"]
    return f"model: {result['model']}" if count == 1 else f"mean of the {count} fold models of {result['model']}"
