"""Text to settings and back, and what is wrong with a setting; the settings themselves are :mod:`atm_gcn.config`."""

from atm_gcn.settings.messages import describe
from atm_gcn.settings.overrides import merged, nested
from atm_gcn.settings.yaml_values import number, read_settings, whole_number, write_settings

__all__ = ["describe", "merged", "nested", "number", "read_settings", "whole_number", "write_settings"]
