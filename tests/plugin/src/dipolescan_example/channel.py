"""A second decay of the eta: the first once more, under a name of its own."""

from physics.nature.mesons import meson
from physics.neutrino_dipole.mesons.base import production_channels
from physics.neutrino_dipole.mesons.neutral_pseudoscalar import NeutralPseudoscalarDecay

production_channels.add(NeutralPseudoscalarDecay(meson("eta"), "eta-again"))
