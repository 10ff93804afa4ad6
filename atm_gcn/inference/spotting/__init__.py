"""Brief movements in videos of any length: found, then classified."""
