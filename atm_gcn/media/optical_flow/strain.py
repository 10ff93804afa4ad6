"""Optical strain: how optical flow stretches and shears the skin."""

import numpy as np


def strain(flow: np.ndarray) -> np.ndarray:
    r"""Magnitude of the infinitesimal strain tensor of a displacement field.

    .. math::
        \varepsilon = \sqrt{\varepsilon_{xx}^2 + \varepsilon_{yy}^2 + 2 \varepsilon_{xy}^2}, \quad
        \varepsilon_{xx} = \frac{\partial u}{\partial x}, \quad
        \varepsilon_{yy} = \frac{\partial v}{\partial y}, \quad
        \varepsilon_{xy} = \frac{1}{2} \left(\frac{\partial u}{\partial y} + \frac{\partial v}{\partial x}\right)

    as in Shreve et al. (FG 2011). A shift of the whole picture has none, and to first order neither has a turn.

    Args:
        flow: Displacement in pixels, ``[H, W, 2]``, both sides at least 2.

    Returns:
        ``[H, W]``, without unit: 0.1 is a stretch of a tenth along one axis.
    """
    du_dy, du_dx = np.gradient(flow[..., 0])
    dv_dy, dv_dx = np.gradient(flow[..., 1])
    shear = (du_dy + dv_dx) / 2
    return np.sqrt(du_dx**2 + dv_dy**2 + 2 * shear**2)
