"""Commands import only what they use, so that they start fast."""

import json
import subprocess
import sys

HEAVY = ("torch", "torch_geometric", "kornia", "matplotlib", "pandas", "scipy", "av", "cv2")
CODE = """
import contextlib, io, json, sys
from atm_gcn.cli.main import run
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()):
        code = run(arguments)
    print(json.dumps([code, [name for name in json.loads(sys.argv[2]) if name in sys.modules]]))
"""


def test_commands_import_what_they_use(store, trained, tmp_path):
    drawn = str(tmp_path / "drawn")
    steps = [  # in one process: arguments, exit code, and what is loaded by then
        (["--version"], 0, []),
        (["--help"], 0, []),
        (["train", "--help"], 0, []),
        (["info", str(trained)], 0, []),
        (["info", str(trained / "folds" / "tiny__s1"), "--json"], 0, []),
        (["check", "store", str(store)], 0, []),
        (["train", str(store), str(trained)], 1, []),
        (["report", str(trained), "--store", "nowhere", "--out", str(tmp_path / "page.html")], 0, []),
        (["synth", drawn, "--subjects", "1", "--clips-per-subject", "3", "--size", "64"], 0, ["cv2"]),
        (["check", "manifest", drawn], 0, ["av", "cv2"]),
        (["prepare", "manifest", drawn, str(tmp_path / "store"), "--set", "data.size=32"], 0, ["av", "cv2"]),
    ]
    command = [sys.executable, "-c", CODE, json.dumps([step[0] for step in steps]), json.dumps(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [(step[0], *one) for step, one in zip(steps, found, strict=True)]
    assert ended == steps, done.stderr
