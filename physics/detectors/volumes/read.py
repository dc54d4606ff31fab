"""Volumes from the keys of a file or of a stored definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Annotated, Any

from physics.detectors.volumes.annulus import Annulus
from physics.detectors.volumes.base import Volume
from physics.detectors.volumes.cone import Cone
from physics.detectors.volumes.front_face import FrontFace
from physics.detectors.volumes.frustum import Box, Frustum
from physics.detectors.volumes.offset import Offset
from physics.detectors.volumes.photon_plane import PhotonPlane
from physics.errors import InputError, did_you_mean, quoted
from physics.reading import number, read_as
from physics.reading.keys import Instead

ENDS = ("z_min", "z_max")
SHAPES: dict[str, type] = {
    "r_max": Annulus,
    "theta_max": Cone,
    "face_r_max": FrontFace,
    "width and height": Box,
    "front and back": Frustum,
}
CHOICE = (
    "r_max (and r_min), theta_max, face_r_max (and face_r_min), width and height, or front and back"
)


def volume_from(content: Mapping[str, Any]) -> Volume:
    """A volume whose shape shows in its keys; the inverse of :func:`dataclasses.asdict`.

    Parameters
    ----------
    content : mapping
        z_min and z_max [m] with r_max and perhaps r_min [m] (:class:`Annulus`), theta_max [rad] (:class:`Cone`),
        face_r_max and perhaps face_r_min [m] (:class:`FrontFace`), width and height [m] (:class:`Box`), or front and
        back, each [width, height] [m] (:class:`Frustum`). ``centre``, [x, y] [m], puts a cylinder, box or frustum
        beside the beam axis (:class:`Offset`).

    Returns
    -------
    Volume

    Raises
    ------
    InputError
        Naming the keys, if they are of no shape or of several, or their values are none of a volume.

    Examples
    --------
    >>> volume_from({"z_min": 79, "z_max": 217, "theta_max": 5.53e-3}).describe()
    'z 79 to 217 m, θ < 5.53 mrad'
    """
    if isinstance(content, Mapping) and content.get("centre") is not None:
        return _beside_the_axis(content)
    known = {*ENDS, "centre", *(k for s in SHAPES.values() for k in _keys(s))}
    _check_keys(content, "volume", known)
    content = {k: v for k, v in content.items() if k != "centre"}
    found = {name: s for name, s in SHAPES.items() if any(k in content for k in _keys(s))}
    if not found:
        raise InputError(f"volume: no size across the beam; add {CHOICE}")
    if len(found) > 1:
        given = [k for shape in found.values() for k in _keys(shape) if k in content]
        raise InputError(f"volume: {', '.join(given)} are of different shapes; keep only {CHOICE}")
    ((name, shape),) = found.items()
    for field in fields(shape):
        if field.default is MISSING and field.name not in content:
            raise InputError(f"volume: {field.name} is missing; give z_min, z_max, {name}")
    return read_as(shape, content, "volume")


def _beside_the_axis(content: Mapping[str, Any]) -> Offset:
    """A volume with the key centre, [x, y] in m; ``volume`` holds the others in a stored definition."""
    centre = content["centre"]
    if not isinstance(centre, list | tuple) or len(centre) != 2:
        raise InputError(f"volume: centre must be [x, y] in m, not {quoted(centre)}")
    x, y = (number(value, "volume: centre") for value in centre)
    rest = {k: v for k, v in content.items() if k != "centre"}
    inner = volume_from(rest["volume"] if set(rest) == {"volume"} else rest)
    return Offset(inner, (x, y))  # type: ignore[arg-type]  # which refuses other shapes


def photon_plane_from(content: Mapping[str, Any]) -> PhotonPlane:
    """A photon plane from its keys: z and r_max, or z, width and height [m]; the inverse of ``asdict``.

    Raises
    ------
    InputError
        Naming the keys that are missing, unknown or too many.
    """
    _check_keys(content, "photon plane", {f.name for f in fields(PhotonPlane)})
    if content.get("z") is None:
        raise InputError("photon plane: z is missing; give z with r_max, or with width and height")
    given = {k: v for k, v in content.items() if v is not None}
    return read_as(PhotonPlane, given, "photon plane")


def _keys(shape: type) -> list[str]:
    """Keys that only this shape has."""
    return [f.name for f in fields(shape) if f.name not in ENDS]


def _check_keys(content: object, what: str, known: set[str]) -> None:
    if not isinstance(content, Mapping):
        raise InputError(f"{what} must be a mapping of keys and values, not {quoted(content)}")
    for key in content:
        if key not in known:
            there = ", ".join(sorted(known))
            raise InputError(
                f"{what}: unknown key {quoted(key)}; {did_you_mean(key, known)}there are {there}"
            )


def _or_made(read: Callable[[Mapping[str, Any]], Any], *made: type) -> Callable[[Any], Any]:
    """What is made already stays as it is."""
    return lambda value: value if isinstance(value, made) else read(value)


# the types of a definition's keys
VolumeKey = Annotated[Volume, Instead(_or_made(volume_from, *SHAPES.values(), Offset))]
PhotonPlaneKey = Annotated[PhotonPlane, Instead(_or_made(photon_plane_from, PhotonPlane))]
