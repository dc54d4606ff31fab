"""Names in legends of curves that differ in a number, or in yes and no: what the value is of, and in which unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scanner.queries.query import Curve, Query
from scanner.queries.varied import NUMBERS

YES_AND_NO = ("True", "False")


def with_value_names(query: Query, by: str, curves: Sequence[Curve]) -> list[Curve]:
    """The curves; where their labels are bare values, with what these are of, as in "E_gamma_min = 1 GeV".

    A number of events is told in brackets already, with its confidence level.

    Parameters
    ----------
    query : Query
    by : str
        In what they differ.
    curves : sequence of Curve
    """
    if by in ("experiment", "channel", "method", "events") or not all(
        bare(c.label) for c in curves
    ):
        return list(curves)
    units = {axis.name: axis.units for axis in query.model.axes}
    name = by.replace("_", " ") if by in NUMBERS else by
    found = []
    for curve in curves:
        stated = {"exposure": curve.provenance.criterion.exposure_units, **units}.get(by, "")
        found.append(replace(curve, label=f"{name} = {curve.label} {stated}".rstrip()))
    return found


def bare(label: str) -> bool:
    """Whether a label is a number, or yes or no."""
    if label in YES_AND_NO:
        return True
    try:
        float(label)
    except ValueError:
        return False
    return True
