"""The person that is drawn: geometry, colours and light, all from one seed."""

from dataclasses import dataclass

import numpy as np

from atm_gcn.synth.face.landmarks import PROPORTIONS, Landmarks

Colour = tuple[float, float, float]

# Linear RGB reflectance of skin from light to dark.
SKIN = np.array([[0.86, 0.62, 0.50], [0.76, 0.50, 0.37], [0.60, 0.36, 0.24], [0.40, 0.22, 0.13], [0.22, 0.11, 0.065]])
HAIR: tuple[Colour, ...] = (
    (0.02, 0.016, 0.014),
    (0.06, 0.035, 0.02),
    (0.15, 0.08, 0.04),
    (0.42, 0.27, 0.12),
    (0.30, 0.29, 0.28),
)
IRIS: tuple[Colour, ...] = (
    (0.07, 0.03, 0.012),
    (0.14, 0.065, 0.02),
    (0.12, 0.22, 0.32),
    (0.13, 0.20, 0.11),
    (0.20, 0.24, 0.25),
)
CLOTHES: tuple[Colour, ...] = (
    (0.05, 0.08, 0.18),
    (0.25, 0.05, 0.06),
    (0.05, 0.05, 0.06),
    (0.35, 0.36, 0.38),
    (0.06, 0.18, 0.13),
)
HAIRCUTS = ("short", "long", "receding", "bob")


@dataclass(frozen=True)
class Identity:
    """One drawn person. Lengths are fractions of the picture's side unless stated otherwise.

    Args:
        unit: Distance between the pupils.
        eye_y: Height of the eyes in the picture, from its top.
        head: Half width of the head and its top above, its chin below the eyes.
        jaw: Exponent of the jaw's outline: 2 is an ellipse, more is squarer.
        points: Landmarks in the face's own frame (:class:`Landmarks`).
        nose: Half width at the wings and how far it stands out, in distances between the pupils.
        lips: Thickness of the upper and the lower lip, and how far the corners hang, in distances between the pupils.
        skin: Linear RGB reflectance.
        freckles: Share of freckled skin, 0 to 1; ``stubble`` and ``age`` (wrinkles) likewise.
        light: Direction towards the light, unit length; x right, y down, z towards the camera.
        ambient: Share of the light that comes from everywhere.
        seed: Seeds the texture.
    """

    unit: float
    eye_y: float
    head: tuple[float, float, float]
    jaw: float
    points: dict[str, tuple[float, float]]
    nose: tuple[float, float]
    lips: tuple[float, float, float]
    brow_thickness: float
    skin: Colour
    lip_colour: Colour
    hair: Colour
    iris: Colour
    clothes: Colour
    backdrop: Colour
    haircut: str
    freckles: float
    stubble: float
    age: float
    light: tuple[float, float, float]
    ambient: float
    seed: int

    @property
    def landmarks(self) -> Landmarks:
        """The points that the action units pull at."""
        return Landmarks((0.5, self.eye_y), (self.unit, 0.0), self.points)


def sample_identity(seed: int, subject: int) -> Identity:
    """Draw a person; the same for the same seed and subject number, whatever else is asked for."""
    rng = np.random.default_rng([seed, subject, 0])
    tone = rng.uniform(0, len(SKIN) - 1)
    skin = np.array([np.interp(tone, range(len(SKIN)), channel) for channel in SKIN.T]) * rng.uniform(0.92, 1.05, 3)
    lip = skin * np.array([0.86, 0.52, 0.55]) * rng.uniform(0.85, 1.05) + np.array([0.03, 0.0, 0.005])
    pale = tone < 2.0
    masculine = rng.random() < 0.5
    haircut = HAIRCUTS[rng.choice([0, 2] if masculine else [1, 3], p=[0.75, 0.25] if masculine else [0.5, 0.5])]
    azimuth, elevation = rng.uniform(-0.8, 0.8), rng.uniform(0.15, 0.75)
    light = (np.sin(azimuth) * np.cos(elevation), -np.sin(elevation), np.cos(azimuth) * np.cos(elevation))
    return Identity(
        unit=rng.uniform(0.235, 0.265),
        eye_y=rng.uniform(0.43, 0.46),
        head=(rng.uniform(0.275, 0.305), rng.uniform(0.335, 0.37), rng.uniform(0.40, 0.44)),
        jaw=rng.uniform(2.2, 3.0) if masculine else rng.uniform(1.9, 2.4),
        points=_sample_points(rng),
        nose=(rng.uniform(0.19, 0.27), rng.uniform(0.32, 0.5)),
        lips=(rng.uniform(0.055, 0.10), rng.uniform(0.09, 0.15), rng.uniform(-0.03, 0.035)),
        brow_thickness=rng.uniform(0.045, 0.075) if masculine else rng.uniform(0.03, 0.05),
        skin=tuple(skin),
        lip_colour=tuple(lip),
        hair=HAIR[rng.integers(len(HAIR)) if pale else rng.integers(2)],
        iris=IRIS[rng.integers(len(IRIS)) if pale else rng.integers(2)],
        clothes=CLOTHES[rng.integers(len(CLOTHES))],
        backdrop=tuple(rng.uniform(0.18, 0.55) * rng.uniform(0.9, 1.1, 3)),
        haircut=haircut,
        freckles=rng.uniform(0.2, 1.0) if pale and rng.random() < 0.4 else 0.0,
        stubble=rng.uniform(0.3, 1.0) if masculine and rng.random() < 0.6 else 0.0,
        age=rng.uniform(0.0, 1.0),
        light=tuple(light),
        ambient=rng.uniform(0.30, 0.5),
        seed=int(rng.integers(2**31)),
    )


def _sample_points(rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """The usual proportions, varied: features move as a whole, so that lids stay with their eye."""
    mouth, chin, brow, nose = rng.normal(0, [0.04, 0.05, 0.035, 0.035])
    brow_tilt, eye_tilt, opening, mouth_width = rng.normal(0, [0.03, 0.02, 0.015, 0.04])
    shift = {
        "eye_in": (0, eye_tilt),
        "eye_out": (0, -eye_tilt),
        "lid_top": (0, -opening),
        "lid_bottom": (0, opening / 2),
        "brow_in": (0, brow + brow_tilt),
        "brow_mid": (0, brow),
        "brow_out": (0, brow - brow_tilt),
        "nose_wing": (0, nose),
        "nose_tip": (0, nose),
        "lip_up": (0, nose + mouth),
        "lip_low": (0, nose + mouth),
        "lip_top": (0, nose + mouth),
        "lip_bottom": (0, nose + mouth),
        "mouth_corner": (mouth_width, nose + mouth),
        "chin": (0, nose + mouth + chin),
    }
    return {
        name: (x + shift.get(name, (0, 0))[0], y + shift.get(name, (0, 0))[1]) for name, (x, y) in PROPORTIONS.items()
    }
