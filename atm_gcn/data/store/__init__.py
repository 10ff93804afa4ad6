"""The frame store: planned, prepared from clips, and read."""
