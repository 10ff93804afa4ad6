"""The results section of layer/README.md and its plots, written from a results file."""
