"""Export of the models of a run, checked against themselves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram

from atm_gcn.building import Builder, load_model
from atm_gcn.errors import ATMGCNError
from atm_gcn.export.archive import from_archive, to_archive
from atm_gcn.export.clip_program import ClipProgram
from atm_gcn.export.onnx_file import check_packages, from_onnx, to_onnx
from atm_gcn.files.outputs import writing
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.version import __version__

Run = Callable[[Mapping[str, Tensor]], Tensor]


class Format(NamedTuple):
    """A kind of file: how it is called, written and read."""

    title: str
    write: Callable[[ExportedProgram, Path, Mapping[str, str]], bytes]
    read: Callable[[bytes], Run]


FORMATS = {
    ".onnx": Format("ONNX", to_onnx, from_onnx),
    ".pt2": Format("torch.export", to_archive, from_archive),
}
OF_FRAMES = ("pos", "frames", "flow", "depth", "x")  # inputs with a row per frame
MOST_FRAMES = 4096
LENGTHS = (1, 2, 3, 8, 17, 64)  # frames of the clips that are compared
UNFIT: dict[str, str] = {
    "lbp-top": "counts patterns of pixels instead of computing tensors",
    "lstm": "is recurrent, which torch.export writes for a single number of frames only",
}
"""Why a model cannot be exported, by its name."""
TOLERANCE = 1e-4  # between probabilities of the models and of what was written


@dataclass(frozen=True)
class Exported:
    """What was exported.

    Args:
        path: The file.
        num_models: Models whose probabilities are averaged.
        class_names: In the order of the probabilities.
        inputs: Type and shape of every input, for instance ``{"apex": "int64 []"}``; n is the number of frames.
        difference: The largest difference between probabilities of the file and of the models, over random clips of 1
            to 64 frames.
    """

    path: Path
    num_models: int
    class_names: list[str]
    inputs: dict[str, str]
    difference: float


def export_model(
    model: str | Path, out: str | Path, build_model: Builder | None = None, seeds: int | None = None
) -> Exported:
    """Write a model, or the mean of the models of a run, as a program that runs without this package.

    The program takes the tensors of one clip of any number of frames and returns its class probabilities; see
    :class:`ClipProgram`. Reading a recording, cutting out the face, resizing and optical flow are not part of it; the
    settings for them are written beside it.

    Args:
        model: A checkpoint, the folder of a fold, or that of a run.
        out: A file that ends in ``.onnx``, for ONNX runtimes, or in ``.pt2``, for :func:`torch.export.load`.
        build_model: Builder of the models, unless they are the library's own.
        seeds: Of a run with several seeds, the number of seeds, from the first, whose models are used; None for all.

    Raises:
        ATMGCNError: If there is no model, it cannot be exported, or the program gives other probabilities.
    """
    out = Path(out)
    if out.suffix not in FORMATS:
        kinds = " or ".join(f"{suffix} ({kind.title})" for suffix, kind in FORMATS.items())
        raise ATMGCNError(f"{out}: must end in {kinds}")
    kind = FORMATS[out.suffix]
    if kind.write is to_onnx:
        check_packages()  # before the models are read
    ensemble = Ensemble.open(model, build_model, seeds)
    if ensemble.model_name in UNFIT:
        raise ATMGCNError(f"{model}: cannot be exported: {ensemble.model_name} {UNFIT[ensemble.model_name]}")
    program = ClipProgram([load_model(file, build_model).model for file in ensemble.files], ensemble.task)
    program.eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(0)
    metadata = {"atm-gcn": __version__, "classes": json.dumps(ensemble.class_names)}
    metadata["data"] = json.dumps(ensemble.data.model_dump(mode="json"))
    content = kind.write(_exported(program, random_clip(ensemble, 7, generator), model), out, metadata)
    run, clips = kind.read(content), [random_clip(ensemble, count, generator) for count in LENGTHS]
    differences = [(run(clip) - program(**clip)).abs().max() for clip in clips]
    difference = float(torch.stack(differences).max())  # NaN if one is
    if not difference <= TOLERANCE:
        raise ATMGCNError(f"{out}: is not written: it would give probabilities {difference:.2g} off the model's")
    with writing(out) as partial:
        partial.write_bytes(content)
    inputs = {name: _described(name, value) for name, value in clips[0].items()}
    return Exported(out, len(ensemble.files), ensemble.class_names, inputs, difference)


def _exported(program: ClipProgram, clip: dict[str, Tensor], path: str | Path) -> ExportedProgram:
    frames = Dim("n", min=1, max=MOST_FRAMES)
    sizes = {name: {0: frames} if name in OF_FRAMES else {} for name in clip}
    try:
        with torch.no_grad():
            return torch.export.export(program, (), clip, dynamic_shapes=sizes, strict=False)
    except Exception as error:  # whatever a model does that cannot be traced
        reason = str(error).strip().partition("\n")[0]
        raise ATMGCNError(
            f"{path}: cannot be exported: torch.export does not follow its model for any number of frames "
            f"({type(error).__name__}: {reason})"
        ) from error


def random_clip(ensemble: Ensemble, num_frames: int, generator: torch.Generator) -> dict[str, Tensor]:
    """A clip of noise with what the models read."""
    side, flow_side = ensemble.data.size, ensemble.data.flow_pixels
    clip: dict[str, Tensor] = {"pos": torch.arange(2.0, num_frames + 2), "apex": torch.tensor(num_frames // 2)}
    if ensemble.input in ("frames", "both"):
        for name, count in (("frames", num_frames), ("onset_frame", 1)):
            clip[name] = torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=generator)
    if ensemble.input in ("flow", "both"):
        clip["flow"] = torch.randn(num_frames, 3, flow_side, flow_side, generator=generator)
    if ensemble.input == "features":
        clip["x"] = torch.randn(num_frames, ensemble.channels, generator=generator)
    if "depth" in ensemble.beside:
        clip["depth"] = torch.randn(num_frames, 1, side, side, generator=generator)
    if "landmarks" in ensemble.beside:
        clip["landmarks"] = torch.rand(1, 5, 2, generator=generator)
    return clip


def _described(name: str, value: Tensor) -> str:
    shape = ["n" if name in OF_FRAMES and not place else str(size) for place, size in enumerate(value.shape)]
    return f"{str(value.dtype).removeprefix('torch.')} [{', '.join(shape)}]"
