"""Spotting in frames in memory."""

from collections.abc import Iterable

from atm_gcn.config import DataConfig
from atm_gcn.inference.spotting.spotter import Spotter, Window
from atm_gcn.media.faces.people import People
from atm_gcn.media.sources import Frame


class WholeFrames:
    """A spotter of whole frames, with the detection of faces that places the measurement of motion."""

    def __init__(self, stride: float) -> None:
        self.spotter, self.people = Spotter(30, DataConfig(size=32), stride), People(required=False, detector="haar")

    def process(self, frame: Frame) -> Iterable[Window]:
        self.people.update(frame.image, frame.seconds)
        return list(self.spotter.process(frame, self.people.followed))
