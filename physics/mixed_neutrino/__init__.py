"""A heavy neutrino N that mixes with one active flavor: its weak decays, and decays of mesons and tau into it.

Of models it knows none. Everything is for U2 = |U|^2 = 1 and linear in it; N is a Dirac particle unless told otherwise,
a Majorana one decays twice as fast.
"""
