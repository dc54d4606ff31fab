"""What a limit means, in a few words for a legend."""

from __future__ import annotations

import math

from scanner.limits.limit import Criterion


def criterion_in_words(criterion: Criterion) -> str:
    """Confidence level, or the number that decides where the method states none.

    A number of events has a confidence level where nothing else is expected: 1 - exp(-n), 90% for 2.3.

    Parameters
    ----------
    criterion : Criterion

    Returns
    -------
    str

    Examples
    --------
    >>> from scanner.limits.limit import Criterion
    >>> made = Criterion("fixed-count", {"events": 2.3}, 0.0, None, 1.0, "", "events", 2.3)
    >>> criterion_in_words(made)
    '2.3 events, 90% CL'
    """
    parameters, units = criterion.parameters, criterion.counts_units
    if "confidence_level" in parameters:
        return f"{100 * parameters['confidence_level']:.4g}% CL"
    if criterion.method == "fixed-count":
        number = f"{criterion.critical_signal:.3g} {units}"
        free = units == "events" and not criterion.background and criterion.critical_signal < 5
        return number + (f", {-math.expm1(-criterion.critical_signal):.0%} CL" if free else "")
    if criterion.method == "chi2":
        return f"χ² = {parameters['chi2']:.3g}"
    if criterion.method == "s2-over-b":
        return f"S²/B = {parameters['threshold']:.3g}"
    if criterion.method == "scaled-cross-section":
        return f"{parameters['sigma_limit']:.3g} pb, scaled"
    return criterion.method
