"""``dipolescan reach``."""

from __future__ import annotations

from scanner.cli._curve import Shown, curve_command
from scanner.cli._groups import QUERY
from scanner.outputs.export import TEXT, as_data, reach_rows
from scanner.queries.query import Curve, Query

GROUP = QUERY


@curve_command(TEXT)
def command(query: Query, curve: Curve) -> Shown:
    """Lowest and highest coupling reached at each mass.

    The axes of the cube are chosen with --experiment, --flavor, --generator and so on; an axis with one value may be
    left out. A mass at which the level is not reached has no couplings; one at which couplings are not computed yet is
    incomplete. In CSV 1 is yes.

    \b
    Examples:
      dipolescan reach results/quickstart.zarr --experiment FASER2 --flavor e
      dipolescan reach results/quickstart.zarr --experiment FACET --flavor tau --method poisson
        --background 10 --observed 10 -o facet.csv
    """
    data = {k: v for k, v in as_data(query, curve).items() if k != "branches"}
    return *reach_rows(query, curve), data
