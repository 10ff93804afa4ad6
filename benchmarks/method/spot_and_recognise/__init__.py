"""Micro-expressions in long videos of quiet and of lively people, found and classified with people held out."""
