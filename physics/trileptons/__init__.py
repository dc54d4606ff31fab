"""W -> l1 N, N -> nu l2 l3 with the spin of N, and what a search for a prompt and two displaced leptons selects.

It knows no model: a model hands it a :class:`decay.LeptonicDecay` for each pair of leptons. :mod:`stream` numbers the
events, :mod:`chain` makes their momenta, :mod:`selection` cuts, :mod:`lifetime` sums what passes over proper times.
"""
