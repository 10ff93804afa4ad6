"""Predictions as text, tables, figures and videos."""
