"""Bounds on the arguments of :mod:`atm_gcn.synth`, without imports, so that the command line starts fast."""

LEAST = {"subjects": 1, "clips_per_subject": 1, "size": 64, "seed": 0, "seconds": 10}
MOST = {"subjects": 10_000, "clips_per_subject": 10_000, "size": 2048, "seed": 2**63 - 1, "seconds": 3_600}
