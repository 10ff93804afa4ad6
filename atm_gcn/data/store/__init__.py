"""The frame store: planned and prepared from clips, then read by training and prediction."""
