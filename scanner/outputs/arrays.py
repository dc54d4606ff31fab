"""Results as arrays in a file: NetCDF, and NumPy's npz."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

if TYPE_CHECKING:
    import xarray as xr

ARRAYS = ("nc", "npz")


def as_netcdf(data: xr.Dataset) -> bytes:
    """A dataset as NetCDF 3 with 64-bit offsets, which every reader of NetCDF knows; numbers keep all digits."""
    return bytes(data.to_netcdf(engine="scipy", format="NETCDF3_64BIT"))


def as_npz(data: xr.Dataset) -> bytes:
    """Every variable and coordinate of a dataset as an array.

    Beside them are ``provenance``, and ``units``, which says in YAML the units and the dimensions of each.
    """
    arrays: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for name, variable in data.variables.items():
        values = variable.values
        arrays[str(name)] = values.astype(str) if values.dtype == object else values
        words[str(name)] = {
            "units": str(variable.attrs.get("units", "")),
            "dims": [str(dim) for dim in variable.dims],
        }
    arrays["provenance"] = np.array(data.attrs.get("provenance", ""))
    arrays["units"] = np.array(yaml.safe_dump(words))
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()
