"""Rows of an annotation table as clips and problems."""
