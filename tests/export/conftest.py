"""A tiny run."""

from tests.inference.conftest import tiny_run  # noqa: F401  fixture
