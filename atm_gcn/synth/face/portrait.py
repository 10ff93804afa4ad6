"""A whole drawn face, from the backdrop to the hair."""

import cv2
import numpy as np

from atm_gcn.synth.face.canvas import Array, Canvas, bump, ramp
from atm_gcn.synth.face.features import paint_brows, paint_eyes, paint_mouth, paint_nostrils
from atm_gcn.synth.face.identity import Identity
from atm_gcn.synth.face.relief import head_height, head_outline, lighting


def draw_portrait(who: Identity, size: int) -> Array:
    """The neutral face of a person.

    Args:
        who: The person.
        size: Side of the picture in pixels; it is drawn at twice that and averaged down.

    Returns:
        uint8 RGB picture, [size, size, 3].
    """
    canvas = Canvas(2 * size, who.landmarks, who.seed)
    _paint_backdrop(canvas, who)
    if who.haircut in ("long", "bob"):
        _paint_back_hair(canvas, who)
    _paint_body(canvas, who)
    _paint_ears(canvas, who)
    outline = head_outline(canvas, who)
    height = cv2.GaussianBlur(head_height(canvas, who, outline).astype(np.float32), (0, 0), size / 110)
    light, sheen = lighting(canvas, who, height)
    _paint_skin(canvas, who, light, sheen, canvas.level(outline))
    paint_nostrils(canvas, who)
    paint_mouth(canvas, who, light, sheen)
    paint_eyes(canvas, who, light)
    paint_brows(canvas, who)
    _paint_hair(canvas, who, outline)
    picture = np.clip(cv2.resize(canvas.image, (size, size), interpolation=cv2.INTER_AREA), 0.0, 1.0)
    return np.round(255.0 * picture ** (1 / 2.2)).astype(np.uint8)


def _paint_backdrop(canvas: Canvas, who: Identity) -> None:
    fall = 1.0 + 0.12 * canvas.x * who.light[0] - 0.08 * canvas.y + 0.03 * canvas.noise(1.0)
    canvas.image[:] = np.array(who.backdrop) * fall[..., None]


def _paint_body(canvas: Canvas, who: Identity) -> None:
    """Neck, shoulders and the shadow of the chin."""
    side, y = np.abs(canvas.x), canvas.y
    chin, width = who.head[2] / who.unit, who.head[0] / who.unit
    neck = 0.68 * width + 0.25 * ramp(y, chin + 0.1, chin + 0.6)
    tone = 0.62 + 0.2 * canvas.x * who.light[0]
    tone = tone * (1.0 - 0.35 * bump(canvas.x, y, (0.0, chin - 0.05), (0.7 * width, 0.22)))
    canvas.paint(np.array(who.skin) * tone[..., None], canvas.inside(np.maximum(side - neck, 0.2 - y), 0.03))
    shoulder = chin + 0.30 - 0.32 * ramp(side, 0.3, 0.75) + 0.3 * ramp(side, 0.75, 2.2) + 0.12
    weave = 1.0 + 0.08 * canvas.noise(0.02) + 0.2 * canvas.x * who.light[0]
    canvas.paint(np.array(who.clothes) * weave[..., None], canvas.inside(shoulder - y, 0.03))


def _paint_ears(canvas: Canvas, who: Identity) -> None:
    side, y = np.abs(canvas.x), canvas.y
    at = who.head[0] / who.unit * 0.985
    ear = np.hypot((side - at - 0.05 + 0.10 * (y - 0.2)) / 0.13, (y - 0.2) / 0.27) - 1.0
    tone = 0.7 + 0.25 * canvas.x * who.light[0] - 0.25 * bump(side, y, (at + 0.04, 0.2), (0.05, 0.14))
    canvas.paint(np.array(who.skin) * (1.0, 0.93, 0.92) * tone[..., None], canvas.level(ear))


def _paint_skin(canvas: Canvas, who: Identity, light: Array, sheen: Array, cover: Array) -> None:
    """Skin with blush, pores, freckles, stubble and wrinkles under the light."""
    side, y, p = np.abs(canvas.x), canvas.y, who.points
    skin = np.ones_like(canvas.image) * np.array(who.skin, np.float32)
    blush = bump(side, y, p["cheek"], (0.25, 0.2)) + 0.8 * bump(side, y, p["nose_tip"], (0.16, 0.13))
    skin *= 1.0 - blush[..., None] * (0.0, 0.13, 0.11)
    skin *= 1.0 + (0.035 * canvas.noise(0.3) + 0.03 * canvas.noise(0.06) + 0.03 * canvas.noise(0.015))[..., None]
    middle_face = bump(side, y, (0.25, 0.35), (0.5, 0.28))
    spots = ramp(canvas.noise(0.035), 1.1, 2.0) * middle_face
    skin *= 1.0 - 0.55 * who.freckles * spots[..., None] * (0.5, 0.8, 0.9)
    beard = ramp(y, 0.55, 0.95) * ramp(side, 0.0, 0.9) + bump(side, y, (0.0, p["chin"][1]), (0.5, 0.3))
    beard += bump(side, y, (0.15, p["lip_top"][1] - 0.08), (0.3, 0.06))
    grain = np.clip(0.6 + 0.45 * canvas.noise(0.014), 0.0, 1.0) * np.clip(beard, 0.0, 1.0)
    skin += (np.array(who.hair) * 0.8 + 0.02 - skin) * (0.5 * who.stubble * grain)[..., None]
    lines = np.sin((y + 0.05 * np.cos(1.6 * canvas.x)) * 42.0) * bump(side, y, (0.0, -0.72), (0.5, 0.12))
    shaded = light * (1.0 + 0.07 * who.age * lines)
    warm = shaded[..., None] ** (0.92, 1.05, 1.08)  # light scatters red in the shadows
    canvas.paint(skin * warm + 0.055 * (sheen * (1.0 - 0.6 * who.stubble))[..., None], cover)


def _strands(canvas: Canvas, who: Identity) -> Array:
    """Colour of hair: streaks that run down from the parting, with a band of sheen."""
    angle = np.arctan2(canvas.x, canvas.y + 2.6)
    streaks = canvas.rng.standard_normal(700).astype(np.float32)
    fine = np.interp(angle * 420.0 + 350.0 + 4.0 * canvas.noise(0.3), np.arange(700), streaks)
    sheen = bump(canvas.x, canvas.y, (0.5 * who.light[0], -1.2), (0.8, 0.14))
    tone = 1.0 + 0.22 * fine + 0.25 * canvas.noise(0.25) + 0.9 * sheen * (1.0 + 0.4 * fine)
    return np.array(who.hair) * np.maximum(tone, 0.25)[..., None] + 0.012 * sheen[..., None]


def _paint_back_hair(canvas: Canvas, who: Identity) -> None:
    side, y = np.abs(canvas.x), canvas.y
    width = who.head[0] / who.unit
    end = 2.6 if who.haircut == "long" else 1.3
    ends = end + 0.04 * canvas.noise(0.08) - 0.35 * ramp(side, 0.9 * width, 1.25 * width)
    fall = np.maximum(side - width * (1.13 + 0.06 * np.sin(2.0 * y)) - 0.03 * canvas.noise(0.3), y - ends)
    cover = np.where(y < -0.2, canvas.level(head_outline(canvas, who, 0.14)), canvas.inside(fall, 0.06))
    canvas.paint(_strands(canvas, who) * 0.6, cover)


def _paint_hair(canvas: Canvas, who: Identity, outline: Array) -> None:
    """Hair over the head: everything within a wider outline and outside the hairline."""
    side, y = np.abs(canvas.x), canvas.y
    width, above = who.head[0] / who.unit, who.head[1] / who.unit
    grow, front = {"short": (0.07, 0.60), "long": (0.12, 0.62), "bob": (0.13, 0.55), "receding": (0.05, 0.78)}[
        who.haircut
    ]
    hairline = -front * above + 0.03 * canvas.noise(0.12)
    temples = ramp(side, 0.45 * width, 0.98 * width)
    edge = y - hairline - 1.05 * temples**2.2
    if who.haircut in ("long", "bob"):
        edge = np.minimum(
            edge, (0.86 - 0.05 * ramp(y, -0.5, 0.6)) * width + 0.05 * np.sin(3.0 * y) - side + 0.02 * canvas.noise(0.2)
        )
        edge = np.maximum(edge, y - (0.9 if who.haircut == "bob" else 1.5))
    elif who.haircut == "short":
        edge = np.maximum(edge, y - 0.12)
    soft = canvas.level(head_outline(canvas, who, grow) + 0.02 * canvas.noise(0.06))
    shadow = canvas.inside(edge - 0.05, 0.2) * canvas.level(outline)
    canvas.shade((0.62, 0.55, 0.52), 0.5 * shadow)
    canvas.paint(_strands(canvas, who), soft * canvas.inside(edge, 0.06))
