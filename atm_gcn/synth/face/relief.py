"""The head as a relief: a height over every pixel, and the light that falls on it."""

import numpy as np

from atm_gcn.synth.face.canvas import Array, Canvas, bump, ramp
from atm_gcn.synth.face.identity import Identity


def head_outline(canvas: Canvas, who: Identity, grow: float = 0.0) -> Array:
    """A function that is negative inside the head, -1 at its middle; ``grow`` widens it by a share."""
    width, above, below = (length / who.unit * (1.0 + grow) for length in who.head)
    middle = 0.12  # widest a little below the eyes
    down = np.maximum(canvas.y - middle, 0.0) / (below - middle)
    up = np.maximum(middle - canvas.y, 0.0) / (above + middle)
    taper = 1.0 - 0.26 * ramp(down, 0.1, 1.0)  # the jaw is narrower than the cheekbones
    return (np.abs(canvas.x) / (width * taper)) ** 2 + down**who.jaw + up**2.3 - 1.0


def head_height(canvas: Canvas, who: Identity, outline: Array) -> Array:
    """Height of the face's surface in distances between the pupils."""
    side, x, y, p = np.abs(canvas.x), canvas.x, canvas.y, who.points
    height = 0.85 * np.maximum(-outline, 0.0) ** 0.55
    wing, out = who.nose
    tip = p["nose_tip"][1]
    along = ramp(y, -0.15, tip) * ramp(y, tip + 0.16, tip + 0.02)
    ridge = np.exp(-0.5 * (x / (0.09 + 0.45 * wing * ramp(y, 0.15, tip))) ** 2)
    height += out * (0.25 + 0.75 * ramp(y, 0.0, tip)) * ridge * along
    height += 0.10 * bump(x, y, (0.0, tip), (0.13, 0.11))
    height += 0.09 * bump(side, y, (wing * 0.85, tip + 0.03), (0.07, 0.07))
    height -= 0.10 * bump(side, y, p["eye"], (0.26, 0.15))  # sockets
    height += 0.06 * bump(side, y, p["eye"], (0.17, 0.12))  # eyeballs
    height += 0.06 * bump(side, y, (0.42, p["brow_mid"][1] + 0.02), (0.34, 0.08))
    height += 0.09 * bump(side, y, p["cheek"], (0.24, 0.2))
    height += lips_height(side, y, who)
    height += 0.10 * bump(x, y, (0.0, p["chin"][1] - 0.08), (0.22, 0.14))
    height -= 0.03 * bump(x, y, (0.0, (tip + 0.1 + p["lip_top"][1]) / 2), (0.03, 0.07))  # philtrum
    fold = p["nose_wing"][0] + 0.05 + (y - p["nose_wing"][1]) * 0.36  # from the nose to beside the mouth
    reach = ramp(y, p["nose_wing"][1] - 0.1, p["nose_wing"][1] + 0.1) * ramp(y, p["lip_low"][1] + 0.1, p["lip_up"][1])
    return height - (0.012 + 0.025 * who.age) * np.exp(-0.5 * ((side - fold) / 0.045) ** 2) * reach


def lips_height(side: Array, y: Array, who: Identity) -> Array:
    """The two lips stand out, the chin dips below them."""
    p, (upper, lower, _) = who.points, who.lips
    mouth, width = p["mouth_corner"][1], p["mouth_corner"][0]
    height = 0.05 * bump(side, y, (0.0, mouth - 0.6 * upper), (0.65 * width, 0.6 * upper))
    height += 0.07 * bump(side, y, (0.0, mouth + 0.55 * lower), (0.55 * width, 0.5 * lower))
    height += 0.05 * bump(side, y, (0.0, mouth), (width, 0.22))
    return height - 0.05 * bump(side, y, (0.0, mouth + 1.5 * lower), (0.6 * width, 0.06))


def lighting(canvas: Canvas, who: Identity, height: Array) -> tuple[Array, Array]:
    """Brightness of the skin and the sheen on it, both [size, size]; Lambert's law, softly wrapped."""
    down, right = np.gradient(height, canvas.pixel)
    steep = np.sqrt(1.0 + right**2 + down**2)
    light = np.array(who.light)
    facing = (-right * light[0] - down * light[1] + light[2]) / steep
    halfway = light + np.array([0.0, 0.0, 1.0])
    halfway /= np.linalg.norm(halfway)
    sheen = np.maximum((-right * halfway[0] - down * halfway[1] + halfway[2]) / steep, 0.0) ** 24
    wrapped = np.maximum((facing + 0.25) / 1.25, 0.0)
    return who.ambient * (0.55 + 0.45 / steep) + (1.0 - who.ambient) * wrapped, sheen
