"""What the arguments of ``synthesize`` must be; without imports, so that the command line may read it."""

LEAST = {"subjects": 1, "clips_per_subject": 1, "size": 64, "seed": 0}
MOST = {"subjects": 10_000, "clips_per_subject": 10_000, "size": 2048, "seed": 2**63 - 1}
