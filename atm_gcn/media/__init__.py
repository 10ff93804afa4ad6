"""Decoding of pictures and video: it knows pictures and time, not datasets."""
