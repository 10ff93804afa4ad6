"""Published annotation tables, read as they are: every row becomes a clip or a problem."""

from atm_gcn.data.annotations.read import read_annotations
from atm_gcn.data.annotations.spec import DATASETS

__all__ = ["DATASETS", "read_annotations"]
