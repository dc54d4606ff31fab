"""An older search's limit on a cross-section, scaled to another luminosity."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from physics.nature.constants import FB_PER_PB
from scanner.limits.methods.base import Observation, methods


@methods.instance
class ScaledCrossSection:
    """sigma_limit sqrt(reference_luminosity/luminosity): background limits both, and grows with the luminosity.

    Counts are proportional to d^2 where N decays promptly, so that couplings scale with the luminosity to the power
    -1/4. That is the ratio that arXiv:2301.08592 eq. (2.12) gives, labelled there as one of cross-sections.
    """

    tag = "scaled-cross-section"
    title = "limit on a cross-section, scaled with the square root of luminosity"
    source = "arXiv:2301.08592 eq. (2.12)"
    defaults = {"sigma_limit": 0.0, "reference_luminosity": 0.0}  # noqa: RUF012
    needs_events = True
    reads_observed = False
    of_observation: frozenset[str] = frozenset()

    def critical_signal(
        self, observation: Observation, sigma_limit: float, reference_luminosity: float
    ) -> float:
        """Events of the scaled cross-section; sigma_limit in pb, reference_luminosity in fb^-1.

        >>> method = ScaledCrossSection()
        >>> method.critical_signal(Observation(luminosity=20.0), sigma_limit=0.1, reference_luminosity=0.2)
        200.0
        """
        for name, value in (
            ("sigma_limit", sigma_limit),
            ("reference_luminosity", reference_luminosity),
        ):
            if not 0 < value < np.inf:
                raise InputError(f"{name} must be a positive number, not {value:g}")
        if observation.luminosity is None:
            raise InputError("a scaled cross-section needs a search whose exposure is a luminosity")
        luminosities = reference_luminosity * observation.luminosity
        return float(sigma_limit * FB_PER_PB * np.sqrt(luminosities))
