"""Fiducial volumes along the beam and the path of a particle through them: the names of :mod:`physics.volumes`."""

from physics.volumes.annulus import Annulus
from physics.volumes.base import Volume
from physics.volumes.cone import Cone
from physics.volumes.frustum import Box, Frustum
from physics.volumes.photon_plane import PhotonPlane
from physics.volumes.rays import Rays
from physics.volumes.read import photon_plane_from, volume_from

__all__ = [
    "Annulus",
    "Box",
    "Cone",
    "Frustum",
    "PhotonPlane",
    "Rays",
    "Volume",
    "photon_plane_from",
    "volume_from",
]
