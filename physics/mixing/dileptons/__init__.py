"""Displaced pairs of leptons from Z -> N nu, N -> nu l+ l- by mixing: events and efficiency."""
