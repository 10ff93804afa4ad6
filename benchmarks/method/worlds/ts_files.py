"""Files ``.ts`` of the time series archive, as the package aeon ships them."""

from pathlib import Path

import numpy as np

from atm_gcn.errors import ATMGCNError


def read_ts(path: Path) -> tuple[list[np.ndarray], list[str], list[str]]:
    """Read series, their labels and the names of the classes.

    Returns:
        One array ``[num_frames, channels]`` per series, the label of each, and all classes.

    Raises:
        ATMGCNError: If there is no such file, or a line does not fit.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror}); name the folder with --aeon") from error
    classes: list[str] = []
    series: list[np.ndarray] = []
    labels: list[str] = []
    in_data = False
    for number, line in enumerate(lines, start=1):
        if line.lower().startswith("@classlabel"):
            classes = line.split()[2:]
        elif line.lower().startswith("@data"):
            in_data = True
        elif in_data and line.strip():
            *channels, label = line.strip().split(":")
            try:
                values = np.array([[float(value) for value in channel.split(",")] for channel in channels]).T
            except ValueError as error:
                raise ATMGCNError(f"{path}: line {number} holds no series ({error}); fetch the file again") from error
            if label not in classes or values.ndim != 2:
                raise ATMGCNError(f"{path}: line {number} ends in {label!r}, which is no class; fetch the file again")
            series.append(values)
            labels.append(label)
    if not series:
        raise ATMGCNError(f"{path}: holds no series below @data; fetch the file again")
    return series, labels, classes
