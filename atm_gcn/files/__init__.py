"""How files are written: whole or not at all, through no link that nobody named, and over nothing that is not ours."""

from atm_gcn.files.outputs import writing
from atm_gcn.files.writing import replacing, rounded, write_bytes, write_json, write_text

__all__ = ["replacing", "rounded", "write_bytes", "write_json", "write_text", "writing"]
