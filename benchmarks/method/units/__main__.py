"""``python -m benchmarks.method.units``."""

from benchmarks.method.units.drawn import main

main()
