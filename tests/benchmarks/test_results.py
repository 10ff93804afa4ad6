"""Results files: their names, and that the kept ones follow the schemas of their programs."""

import re
from pathlib import Path

import pytest

from benchmarks.common.results import FOLDER, MachineInfo
from benchmarks.data import faces, optical_flow, prepare, prepare_stages, store_reading, video
from benchmarks.layer.page import schema
from benchmarks.method import auxiliary, long_video, peers, real_motion, registration, registration_uf1
from benchmarks.method.spot_and_recognise import rows as spot_and_recognise
from benchmarks.method.units import drawn as units
from benchmarks.method.worlds import rows as worlds
from benchmarks.training_step import laptop, loss_curve, train_step

ROOT = Path(__file__).parents[2]
MODULES = (
    faces,
    optical_flow,
    prepare,
    prepare_stages,
    store_reading,
    video,
    schema,
    auxiliary,
    long_video,
    peers,
    real_motion,
    registration,
    registration_uf1,
    spot_and_recognise,
    units,
    worlds,
    laptop,
    loss_curve,
    train_step,
)
PROGRAMS = [module.Results for module in MODULES]
KEPT = [(program, path) for program in PROGRAMS for path in program.kept()]


@pytest.mark.parametrize(("program", "path"), KEPT, ids=lambda value: getattr(value, "name", ""))
def test_kept_results_follow_their_schemas(program, path):
    results = program.read(path)
    assert results.machine.label and path.name.endswith(f"-{results.date}.json")
    assert getattr(results, "wrong", []) == []
    assert getattr(results, "same_bytes", True) and getattr(results, "same_frames", True)


def test_every_kept_file_belongs_to_a_program():
    assert {path for _, path in KEPT} == set(FOLDER.glob("*.json")) - {FOLDER / "attention-demo.json"}


def test_files_are_named_for_program_machine_and_date(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.common.results.FOLDER", tmp_path)
    machine = MachineInfo(name="AMD (R) 7", cores=4, gpu=None, system="", python="", versions={})
    results = long_video.Results(machine=machine, date="2026-01-02", preset="small", size=64, points=[])
    assert results.write() == tmp_path / "long-video-amd-r-7-4-cores-2026-01-02.json"
    assert long_video.Results.kept() == [results.write()] and long_video.Results.read(results.write()) == results


def test_the_index_names_every_program():
    index = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+\.\w+)` \|$", index, re.MULTILINE))
    programs = {
        f"{path.parent.name}.{path.stem}"
        for path in (ROOT / "benchmarks").glob("*/*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    } | {f"{path.parts[-3]}.{path.parts[-2]}" for path in (ROOT / "benchmarks").glob("*/*/__main__.py")}
    assert named == programs
