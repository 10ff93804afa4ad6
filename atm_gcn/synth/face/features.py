"""Eyes, brows, lips and nostrils."""

import cv2
import numpy as np

from atm_gcn.synth.face.canvas import Array, Canvas, bump, ramp
from atm_gcn.synth.face.identity import Identity
from atm_gcn.synth.face.landmarks import lids


def paint_eyes(canvas: Canvas, who: Identity, light: Array) -> None:
    """Eyeball, iris, pupil, catchlight, lids and lashes on both sides."""
    x, y, p = np.abs(canvas.x), canvas.y, who.points
    (inner, outer), middle = (p["eye_in"][0], p["eye_out"][0]), p["eye"][0]
    across, upper, lower = lids(p, x)
    opening = np.maximum(np.maximum(upper - y, y - lower), np.maximum(inner - x, x - outer))
    near = bump(x, y, (middle, 0.0), (0.2, 0.13))
    canvas.shade((0.72, 0.66, 0.66), 0.35 * near)
    ball = canvas.inside(opening)
    shadow = 0.45 + 0.55 * ramp(y - upper, -0.01, 0.09)  # the lid's shadow on the eyeball
    shadow *= 0.75 + 0.25 * bump(x, y, (middle, 0.0), (0.16, 0.2))
    white = np.array([0.66, 0.62, 0.60]) * (shadow * (0.35 + 0.65 * light))[..., None]
    canvas.paint(white, ball)
    radius = np.hypot(x - middle, y + 0.005)
    stroma = 0.8 + 0.5 * ramp(radius, 0.04, 0.1) + 0.25 * canvas.noise(0.02)
    rim = 1.0 - 0.7 * ramp(radius, 0.085, 0.115)
    iris = np.array(who.iris) * (stroma * rim * shadow)[..., None]
    canvas.paint(iris, ball * canvas.inside(radius - 0.115))
    canvas.paint((0.005, 0.005, 0.005), ball * canvas.inside(radius - 0.045))
    glint = (0.035 * np.sign(who.light[0]), -0.045)
    signed = np.where(canvas.x < 0, -1.0, 1.0) * glint[0]
    canvas.paint((0.9, 0.9, 0.92), 0.9 * ball * canvas.inside(np.hypot(x - middle - signed, y - glint[1]) - 0.02))
    within = ramp(x, inner - 0.03, inner + 0.06) * ramp(x, outer + 0.06, outer - 0.01)
    lash = canvas.inside(np.abs(y - upper + 0.008) - 0.010 - 0.014 * across, 0.015) * within
    canvas.paint(np.array(who.hair) * 0.25, 0.9 * lash)
    crease = np.abs(y - upper + 0.055 + 0.02 * np.sin(np.pi * across))
    canvas.shade((0.55, 0.45, 0.43), 0.6 * np.exp(-0.5 * (crease / 0.014) ** 2) * within)
    canvas.shade((0.7, 0.55, 0.52), 0.55 * np.exp(-0.5 * ((y - lower - 0.012) / 0.012) ** 2) * within)
    bag = np.exp(-0.5 * ((y - lower - 0.11) / 0.022) ** 2) * within
    canvas.shade((0.75, 0.68, 0.68), (0.1 + 0.45 * who.age) * bag)


def paint_brows(canvas: Canvas, who: Identity) -> None:
    """Each brow a band of short hairs that lean outwards."""
    hairs, size = np.zeros((canvas.size, canvas.size), np.uint8), canvas.size
    knots = [who.points[name] for name in ("brow_in", "brow_mid", "brow_out")]
    curve = np.polyfit([x for x, _ in knots], [y for _, y in knots], 2)
    for side in ("left", "right"):
        for _ in range(230):
            t = canvas.rng.uniform(0, 1)
            thickness = who.brow_thickness * (0.75 + 0.5 * t if t < 0.4 else 1.0 - 0.85 * (t - 0.4) / 0.6)
            root = knots[0][0] + t * (knots[2][0] - knots[0][0])
            across = canvas.rng.uniform(-1, 1) * thickness
            at = (root, float(np.polyval(curve, root)) + across)
            lean = np.array([0.3 + 0.6 * t, -0.75 + 0.85 * t + 0.2 * canvas.rng.normal()])
            tip_x, tip_y = np.array(at) + canvas.rng.uniform(0.07, 0.13) * lean - (0, 0.2 * across)
            start, end = _pixel(canvas, at, side), _pixel(canvas, (tip_x, tip_y), side)
            cv2.line(hairs, start, end, 255, max(1, size // 300), cv2.LINE_AA, 4)
    cover = cv2.GaussianBlur(hairs.astype(np.float32) / 255, (0, 0), size / 448)
    canvas.paint(np.array(who.hair) * 0.6 + 0.004, np.minimum(0.85 * cover + 0.3 * cv2.blur(cover, (7, 7)), 1.0))


def _pixel(canvas: Canvas, point: tuple[float, float], side: str) -> tuple[int, int]:
    """A point of the face's frame in sixteenths of a pixel, as cv2 draws with 4 fractional bits."""
    dx, dy = canvas.landmarks.vector(*point, side)
    x, y = canvas.landmarks.origin[0] + dx, canvas.landmarks.origin[1] + dy
    return round(x * canvas.size * 16), round(y * canvas.size * 16)


def paint_mouth(canvas: Canvas, who: Identity, light: Array, sheen: Array) -> None:
    """Two lips with a cupid's bow, the line between them, and the corners' shadows."""
    x, y, (upper, lower, hang) = np.abs(canvas.x), canvas.y, who.lips
    width, middle = who.points["mouth_corner"]
    across = np.clip(x / width, 0.0, 1.0)
    line = middle + hang * across**2 + 0.012 * (np.cos(3.0 * np.pi * across) - 1.0) * (1.0 - across)
    bow = (1.0 - across**1.8) ** 0.9 * (1.0 - 0.22 * np.exp(-0.5 * (across / 0.12) ** 2))
    top, bottom = line - upper * bow, line + lower * (1.0 - across**2.2) ** 0.8
    beside = x - width
    lips = canvas.inside(np.maximum(np.maximum(top - y, y - bottom), beside), 0.035)
    tone = light * np.where(y < line, 0.82, 1.0) * (1.0 + 0.06 * canvas.noise(0.02, 0.12))
    canvas.paint(np.array(who.lip_colour) * tone[..., None], 0.9 * lips)
    canvas.image += (0.12 * lips * sheen * (y > line))[..., None]
    within = ramp(x, width + 0.04, width - 0.06)
    canvas.shade((0.22, 0.12, 0.12), 0.9 * np.exp(-0.5 * ((y - line) / 0.013) ** 2) * within)
    canvas.shade((0.55, 0.45, 0.42), 0.6 * bump(x, y, (width + 0.01, middle + hang), (0.04, 0.035)))


def paint_nostrils(canvas: Canvas, who: Identity) -> None:
    """Two soft dark ovals and the shadow under the nose."""
    x, y, (wing, _) = np.abs(canvas.x), canvas.y, who.nose
    tip = who.points["nose_tip"][1]
    canvas.shade((0.62, 0.52, 0.5), 0.6 * bump(x, y, (0.0, tip + 0.13), (wing, 0.035)))
    canvas.shade((0.18, 0.1, 0.09), 0.85 * bump(x, y, (0.48 * wing, tip + 0.095), (0.26 * wing, 0.022)))
    canvas.shade((0.6, 0.5, 0.48), 0.5 * bump(x, y, (1.12 * wing, tip + 0.05), (0.022, 0.06)))
