"""Questions of ``ds.scan`` about one point: counts there, and where counts are the critical signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.outputs.asking import Asking, Channels, checked
from scanner.outputs.point_results import FoundResult, ValueResult
from scanner.queries.assumptions import Assumptions
from scanner.queries.point_units import find_in_units, point_in_units
from scanner.queries.units import Units


class PointQuestions(Asking):
    """Points of a cube, as :class:`scanner.outputs.accessor.ScanAccessor` has them."""

    def value(
        self,
        selection: Mapping[str, Any],
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
        units: Units = None,
        band: str | Sequence[str] | None = None,
        background_uncertainty: float | str | None = None,
    ) -> ValueResult:
        """Counts at one point, by channel and with their errors, and whether it is excluded.

        Between two points of the scan counts are those that contours see: in log N over the logarithms of the axes.

        Parameters
        ----------
        selection : mapping
            Axis to value, with the mass and the coupling.
        method, confidence_level, events, background, observed, exposure, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`.
        units : str or sequence of str, optional
            Of coupling (``mu_B``) or mass (``MeV``), in the selection and in the result; the cube's by default.
        band, background_uncertainty
            As of :meth:`contour`: the counts at both edges.

        Returns
        -------
        ValueResult

        Examples
        --------
        >>> at = {"experiment": "FASER2", "flavor": "e", "m_N": 0.1, "d_gamma": 1e-5}
        >>> found = cube.scan.value(at)
        >>> found.units, found.excluded
        ('events', True)
        >>> outer, inner = cube.scan.value(at, band="statistics").band.counts
        >>> inner < found.counts < outer
        True
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, channels=channels,
            band=band, background_uncertainty=background_uncertainty,
        )  # fmt: skip
        return ValueResult(
            point_in_units(
                self._query,
                checked(selection),
                given.limit,
                given.channels,
                units,
                given.uncertainties,
            ),
            given,
        )

    def find(
        self,
        what: str,
        selection: Mapping[str, Any],
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
        units: Units = None,
    ) -> FoundResult:
        """The coupling, the exposure, the background or the observed count at which counts are the critical signal.

        Parameters
        ----------
        what : str
            The coupling's name, ``exposure``, ``background`` or ``observed``.
        selection : mapping
            Axis to value, with the mass, and with the coupling unless that is looked for.
        method, confidence_level, events, background, observed, exposure, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`.
        units : str or sequence of str, optional
            Of coupling (``mu_B``) or mass (``MeV``), in the selection and in the result; the cube's by default.

        Returns
        -------
        FoundResult
            Of the coupling all values are found, of everything else there is one at most.

        Examples
        --------
        >>> at = {"experiment": "FASER2", "flavor": "e", "m_N": 0.1}
        >>> low, *_ = cube.scan.find("d_gamma", at).values
        >>> round(cube.scan.value({**at, "d_gamma": low}).counts, 6)
        3.0
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, channels=channels,
        )  # fmt: skip
        return FoundResult(
            find_in_units(
                self._query, what, checked(selection), given.limit, given.channels, units
            ),
            given,
        )
