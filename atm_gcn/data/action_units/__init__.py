"""Facial action units: what the cell of a table says of them, and clips with units as targets."""
