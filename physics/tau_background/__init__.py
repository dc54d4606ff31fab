"""Pairs e+ e- of Z -> tau tau as a background of displaced leptons at a Z factory (arXiv:2301.08592 app. A)."""
