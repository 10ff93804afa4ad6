"""Small recordings for tests: pictures that tell their number, folders of frames, videos, a drawn face."""

from pathlib import Path

import cv2
import numpy as np

from atm_gcn.data import Clip


def picture(number: int, height: int = 24, width: int = 32) -> np.ndarray:
    """An RGB picture whose red tells its number, 0 to 39, also after the loss of JPEG."""
    image = np.full((height, width, 3), (0, 150, 100), dtype=np.uint8)
    image[..., 0] = 10 + 6 * number
    return image


def number_of(frame: np.ndarray) -> int:
    """The number of a decoded :func:`picture`."""
    return round((float(frame[..., 0].mean()) - 10) / 6)


def write_image(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return path


def write_folder(folder: Path, numbers, image=picture, pattern: str = "img{}.png") -> Path:
    for number in numbers:
        write_image(folder / pattern.format(number), image(number))
    return folder


def write_video(path: Path, images, fps: float = 25.0) -> Path:
    images = list(images)
    height, width = images[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), fps, (width, height))
    assert writer.isOpened()
    for image in images:
        writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def drawn_face(smile: float = 0.0, x: int = 160, y: int = 120, radius: int = 60) -> np.ndarray:
    """A face that the cascade finds, 240x320; ``smile`` widens the mouth."""
    image = np.full((240, 320, 3), 60, dtype=np.uint8)

    def blob(dx: float, dy: float, a: float, b: float, colour: tuple[int, int, int]) -> None:
        centre = (x + round(dx * radius), y + round(dy * radius))
        cv2.ellipse(image, centre, (round(a * radius), round(b * radius)), 0, 0, 360, colour, -1)

    blob(0, 0, 0.78, 1, (225, 190, 170))
    for side in (-1, 1):
        blob(0.32 * side, -0.2, 0.17, 0.09, (50, 35, 30))
        blob(0.32 * side, -0.36, 0.22, 0.05, (70, 50, 40))
    blob(0, 0.18, 0.1, 0.12, (190, 150, 130))
    blob(0, 0.5, 0.3 + 0.15 * smile, 0.07 + 0.08 * smile, (130, 60, 60))
    return cv2.GaussianBlur(image, (0, 0), 1.5)


def three_clips(folder: Path, **changes) -> list[Clip]:
    """Clips of two subjects and two classes: two folders of 12 frames, one of them without an apex, and one video."""
    first = write_folder(folder / "a", range(5, 17))
    second = write_folder(folder / "b", range(12))
    video = write_video(folder / "c.avi", (picture(number) for number in range(20)))
    clip = {"dataset": "own", "fps": 25.0, **changes}
    return [
        Clip(
            **{"subject": "p1", "name": "a", "onset": 5, "apex": 9, "offset": 16, "label": "joy"} | clip,
            source=str(first),
        ),
        Clip(
            **{"subject": "p1", "name": "b", "onset": 0, "apex": None, "offset": 11, "label": "rage"} | clip,
            source=str(second),
        ),
        Clip(
            **{"subject": "p2", "name": "c", "onset": 4, "apex": 10, "offset": 13, "label": "joy"} | clip,
            source=str(video),
        ),
    ]
