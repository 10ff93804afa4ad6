"""Settings that contradict each other or need what is not installed, found before any clip is decoded."""

from atm_gcn.config import DataConfig


def check_settings(config: DataConfig) -> None:
    """Make sure that clips can be read with these settings.

    Raises:
        ATMGCNError: If ``face`` needs landmarks that ``face_detector`` does not find, the detector is missing, or the
            package that computes ``flow`` is not installed.
    """
    if config.face == "align" and config.face_detector == "haar":
        from atm_gcn.media.faces.template import no_landmarks

        raise no_landmarks()
    registers_by_landmarks = config.register != "none" and config.face_detector != "haar"
    if config.face != "none" or registers_by_landmarks:
        from atm_gcn.media.faces.detectors import detector_of

        detector_of(config.face_detector)
    if config.flow not in ("none", "pictures"):
        from atm_gcn.media.optical_flow import check_method

        check_method(config.flow)
