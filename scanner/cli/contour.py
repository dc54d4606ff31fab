"""``dipolescan contour``."""

from __future__ import annotations

from scanner.cli._curve import curve_command
from scanner.cli._groups import QUERY
from scanner.outputs.arrays import ARRAYS
from scanner.outputs.curve_results import ContourResult
from scanner.outputs.export import FIGURE, TEXT

GROUP = QUERY


@curve_command(ContourResult, (*TEXT, *ARRAYS, *FIGURE))
def command() -> None:
    """Every branch of the contour in the plane of mass and coupling.

    The axes of the cube are chosen with --experiment, --flavor, --generator and so on. A level that is never reached
    gives an empty contour and a note that says so, and so does a plane that is not computed wholly; there are no lines
    beside points that are not computed.

    \b
    Examples:
      dipolescan contour results/quickstart.zarr --experiment FASER2 --flavor e -o faser2.csv
      dipolescan contour results/quickstart.zarr --experiment FACET --flavor tau --events 2.3 -o facet.pdf
      dipolescan contour results/quickstart.zarr --experiment FACET --flavor tau --hepdata submission
      dipolescan contour results/quickstart.zarr --experiment FACET --flavor tau --method cls --background 9
        --observed 9 --band statistics --band background --background-uncertainty 20% -o facet.pdf
      dipolescan contour dpmjet.zarr --with pythia.zarr --generator pythia8-forward --experiment FACET --flavor tau
        --band generators -o generators.pdf
    """
