"""ONNX files: written by torch, read by onnxruntime."""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor
from torch.export import ExportedProgram

from atm_gcn.errors import ATMGCNError, require
from atm_gcn.files.outputs import GENERATOR
from atm_gcn.version import __version__

LARGEST = 2**31 - 1  # bytes of a file of Protocol Buffers
EXTRA, PURPOSE = "onnx", "an ONNX file"


def check_packages() -> None:
    """Make sure that the packages are installed that write and read ONNX files.

    Raises:
        MissingPackageError: If one is not.
    """
    for package in ("onnx", "onnxscript", "onnxruntime"):
        require(package, EXTRA, PURPOSE)


def to_onnx(program: ExportedProgram, path: Path, metadata: Mapping[str, str]) -> bytes:
    """The content of an ONNX file.

    Args:
        program: What to write.
        path: The file, for messages.
        metadata: Text that the file holds beside the graph.

    Raises:
        ATMGCNError: If the content would be larger than a file of this kind may be.
    """
    onnx = require("onnx", EXTRA, PURPOSE)
    try:
        with _quiet():
            written = torch.onnx.export(program, dynamo=True, output_names=["probabilities"], verbose=False)
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise ATMGCNError(
            f"{path}: cannot be written, because ONNX lacks a step of the model ({reason}); a .pt2 file can"
        ) from error
    model = written.model_proto  # type: ignore[union-attr]  # None without dynamo
    model.producer_name, model.producer_version = GENERATOR, __version__
    onnx.helper.set_model_props(model, dict(metadata))
    if model.ByteSize() > LARGEST:
        raise ATMGCNError(
            f"{path}: would have {model.ByteSize() / 2**30:.1f} GB, and an ONNX file may have 2; name one fold"
        )
    return model.SerializeToString()


def from_onnx(content: bytes) -> Callable[[Mapping[str, Tensor]], Tensor]:
    """The content of an ONNX file as a function of named tensors, computed by onnxruntime on the CPU."""
    runtime = require("onnxruntime", EXTRA, PURPOSE)
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]

    def run(clip: Mapping[str, Tensor]) -> Tensor:
        return torch.from_numpy(session.run(None, {name: clip[name].numpy() for name in names})[0])

    return run


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep remarks of the exporter, on packages and attributes that do not matter here, from being printed."""
    loggers = {name: logging.getLogger(name) for name in ("torch.onnx", "onnx_ir")}
    levels = {name: logger.level for name, logger in loggers.items()}
    try:
        for logger in loggers.values():
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, logger in loggers.items():
            logger.setLevel(levels[name])
