"""Modules that moved are still found under the names that 0.1 documented, with a warning."""

import sys
from importlib import import_module

import pytest

from atm_gcn._moved import MOVED


@pytest.mark.parametrize("old", MOVED)
def test_an_old_name_leads_to_the_new_module(old, monkeypatch):
    monkeypatch.delitem(sys.modules, f"atm_gcn.{old}", raising=False)
    with pytest.warns(DeprecationWarning, match=f"atm_gcn.{old} has moved to atm_gcn.{MOVED[old]}"):
        module = import_module(f"atm_gcn.{old}")
    new = import_module(f"atm_gcn.{MOVED[old]}")
    names = [name for name in vars(module) if not name.startswith("_")]
    assert names and all(getattr(module, name) is getattr(new, name) for name in names)


def test_other_names_are_not_found():
    with pytest.raises(ModuleNotFoundError):
        import_module("atm_gcn.data.nothing")
