"""``dipolescan reach``."""

from __future__ import annotations

from scanner.cli._curve import curve_command
from scanner.cli._groups import QUERY
from scanner.outputs.arrays import ARRAYS
from scanner.outputs.curve_results import ReachResult
from scanner.outputs.export import TEXT

GROUP = QUERY


@curve_command(ReachResult, (*TEXT, *ARRAYS))
def command() -> None:
    """Lowest and highest coupling reached at each mass.

    The axes of the cube are chosen with --experiment, --flavor, --generator and so on; an axis with one value may be
    left out. A mass at which the level is not reached has no couplings; one at which couplings are not computed yet is
    incomplete. In CSV 1 is yes.

    \b
    Examples:
      dipolescan reach results/quickstart.zarr --experiment FASER2 --flavor e
      dipolescan reach results/quickstart.zarr --experiment FACET --flavor tau --method poisson
        --background 10 --observed 10 -o facet.csv
      dipolescan reach results/quickstart.zarr --experiment FASER2 --flavor e --band statistics -o faser2.csv
    """
