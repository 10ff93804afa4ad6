"""``atm-gcn spot-and-recognise``, in a folder of its own."""

from atm_gcn.cli.spot_and_recognise.command import spot_and_recognise

__all__ = ["spot_and_recognise"]
