"""What arrays hold, for annotations: numbers unless said otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.integer[Any]]  # indices and counts, whatever their width
Mask = NDArray[np.bool_]
Values = Array | float
