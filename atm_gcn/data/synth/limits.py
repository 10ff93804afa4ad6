"""What the arguments of ``synthesize`` must be at least; without imports, so that the command line may read it."""

LEAST = {"subjects": 1, "size": 64, "seed": 0}
