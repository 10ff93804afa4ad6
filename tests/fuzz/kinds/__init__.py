"""The kinds of input, a module each."""

KINDS = ("checkpoint", "config", "manifest", "store", "picture", "run")
