"""From mesons to counts along a beam; each module hands plain data to the next.

:mod:`parents` draws mesons from a spectrum, :mod:`produced` lets them decay, :mod:`aimed` follows what they make
through an experiment, :mod:`response` compresses its windows of flight to weights on the nodes of :mod:`decay_law`,
and :mod:`counts` fills the coupling axis (:mod:`coupling_axis`).
"""
