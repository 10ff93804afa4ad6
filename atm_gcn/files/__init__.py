"""Reading and writing files: whole or not at all, never through links in a folder, never over other programs' files."""

from atm_gcn.files.outputs import writing
from atm_gcn.files.reading import file_digest, read_json
from atm_gcn.files.writing import replacing, rounded, write_bytes, write_json, write_text

__all__ = ["file_digest", "read_json", "replacing", "rounded", "write_bytes", "write_json", "write_text", "writing"]
