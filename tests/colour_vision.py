"""Colours as the colour-blind see them, and how far two are from each other."""

import numpy as np
from matplotlib.colors import to_rgb

# Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009) 1291, severity 1, in linear RGB
SEEN = {
    "all colours": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}  # fmt: skip
# Ottosson's Oklab, bottosson.github.io/posts/oklab: distances are about those that the eye sees
LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def oklab(color, sight="all colours"):
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return LAB @ np.cbrt(LMS @ np.clip(SEEN[sight] @ linear, 0, 1))


def distance(one, other):
    """The least with any sight; black and white are 1 apart, and 0.1 is told apart at a glance."""
    return min(np.linalg.norm(oklab(one, s) - oklab(other, s)) for s in SEEN)


def lightness(color):
    return oklab(color)[0]
