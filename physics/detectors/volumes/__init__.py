"""Fiducial volumes along the beam, one shape per file, and the path of a particle through them."""

from physics.detectors.volumes.annulus import Annulus
from physics.detectors.volumes.base import Volume
from physics.detectors.volumes.cone import Cone
from physics.detectors.volumes.front_face import FrontFace
from physics.detectors.volumes.frustum import Box, Frustum
from physics.detectors.volumes.offset import Offset
from physics.detectors.volumes.photon_plane import PhotonPlane
from physics.detectors.volumes.rays import Rays
from physics.detectors.volumes.read import PhotonPlaneKey, VolumeKey, photon_plane_from, volume_from

__all__ = [
    "Annulus",
    "Box",
    "Cone",
    "FrontFace",
    "Frustum",
    "Offset",
    "PhotonPlane",
    "PhotonPlaneKey",
    "Rays",
    "Volume",
    "VolumeKey",
    "photon_plane_from",
    "volume_from",
]
