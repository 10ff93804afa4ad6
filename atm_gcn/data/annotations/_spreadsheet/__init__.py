"""Spreadsheet files of any format as rows of text cells."""
