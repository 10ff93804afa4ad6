"""What is asked of the machine, answered for several."""

import math
import os

import pytest
import torch

from atm_gcn.machine import Machine, allows_bfloat16, available_cores, available_memory, total_memory

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("capability", "environment", "allowed"),
    [
        ("AVX512", {}, True),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "ALL"}, True),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "default"}, True),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_AMX"}, True),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "avx512_core_bf16"}, True),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}, False),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "AVX2"}, False),
        ("AVX512", {"DNNL_MAX_CPU_ISA": "AVX2"}, False),
        ("AVX512", {"ONEDNN_MAX_CPU_ISA": "ALL", "DNNL_MAX_CPU_ISA": "AVX2"}, True),
        ("AVX2", {}, False),
        ("DEFAULT", {}, False),
        ("SVE256", {}, True),
    ],
)
def test_bfloat16_respects_what_torch_is_limited_to(capability, environment, allowed):
    assert allows_bfloat16(capability, environment) is allowed


@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 64), ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("", 64)]
)
def test_the_quota_of_a_container_limits_the_cores(quota, cores, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(64), raising=False)
    (tmp_path / "cpu.max").write_text(quota + "\n")
    assert available_cores(tmp_path) == cores
    assert available_cores(tmp_path / "nowhere") == 64


def test_the_limit_of_a_container_limits_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1 << 21}.__getitem__)
    assert total_memory(CPU, tmp_path) == 8 << 30
    for limit, memory in (("max", 8 << 30), (str(2 << 30), 2 << 30), (str(64 << 30), 8 << 30)):
        (tmp_path / "memory.max").write_text(limit + "\n")
        assert total_memory(CPU, tmp_path) == memory


def test_what_is_left_of_the_memory_is_the_least_of_machine_and_container(tmp_path):
    report = tmp_path / "meminfo"
    assert available_memory(tmp_path, report) == math.inf
    report.write_text("MemTotal:       8388608 kB\nMemAvailable:   4194304 kB\n")
    assert available_memory(tmp_path, report) == 4 << 30
    (tmp_path / "memory.current").write_text(f"{1 << 30}\n")
    for limit, left in (("max", 4 << 30), (str(3 << 30), 2 << 30), (str(64 << 30), 4 << 30)):
        (tmp_path / "memory.max").write_text(limit + "\n")
        assert available_memory(tmp_path, report) == left
    (tmp_path / "memory.max").write_text(f"{2 << 30}\n")
    (tmp_path / "memory.stat").write_text(f"anon 1\nactive_file {1 << 28}\ninactive_file {1 << 29}\n")
    assert available_memory(tmp_path, report) == (1 << 30) + (1 << 29) + (1 << 28)


def test_where_the_system_does_not_say_memory_is_unlimited(tmp_path, monkeypatch):
    def unknown(name):
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", unknown)
    assert total_memory(CPU, tmp_path) == math.inf


def test_this_machine_has_an_answer():
    machine = Machine.of(CPU)
    assert machine.memory > 1 << 28 and {type(machine.bfloat16), type(machine.compiler)} == {bool}
    assert available_cores() >= 1
