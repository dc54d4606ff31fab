"""Displaced pairs of leptons from Z -> N nu, N -> nu l+ l-: events, selection, efficiency."""
