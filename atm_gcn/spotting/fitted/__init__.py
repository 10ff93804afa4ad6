"""The spotters of a finished run, for other recordings."""

from atm_gcn.spotting.fitted.fitted_spotters import FittedSpotters

__all__ = ["FittedSpotters"]
