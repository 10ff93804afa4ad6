"""The datasets as published: how they write subjects and clips, their frame rates and numbers of clips."""

from atm_gcn.data.annotations._specs.casme import CASME, CASME2, CASMESQ
from atm_gcn.data.annotations._specs.casme3 import CASME3, CASME3C
from atm_gcn.data.annotations._specs.dataset_spec import DatasetSpec
from atm_gcn.data.annotations._specs.fourdme import FOURDME
from atm_gcn.data.annotations._specs.mmew import MMEW
from atm_gcn.data.annotations._specs.samm import SAMM, SAMMLV
from atm_gcn.data.annotations._specs.smic import SMIC

_ALL = (CASME, CASME2, CASMESQ, SAMM, SAMMLV, SMIC, CASME3, CASME3C, MMEW, FOURDME)

SPECS: dict[str, DatasetSpec] = {spec.key: spec for spec in _ALL}
"""Every dataset with a table of its own."""

DATASETS = (*SPECS, "composite", "manifest")
"""Every dataset that ``read_annotations``, ``check`` and ``prepare`` know."""

COMPOSITE_TABLE = ("combined*3*class*.csv", "combined*3*class*.xls*", "composite*3*class*.csv", "composite*.xls*")
"""File names of the composite's published list."""

COMPOSITE_PUBLISHED = "combined_3class_gt.csv"

COMPOSITE_COUNTS = {"negative": 250, "positive": 109, "surprise": 83}
"""Clips of each class of the composite, as published (MEGC 2019)."""

COMPOSITE_SUBJECTS = 68
