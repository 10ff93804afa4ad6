"""Damaged, forged and inconvenient inputs, seeded: what reads them refuses them in one sentence or reads them right.

``python -m tests.fuzz --cases 1000 --seed 0`` prints the counts of every kind; SECURITY.md says what is promised.
"""
