"""Decoding, storing and reading clips, and what interruptions and several processes leave behind."""
