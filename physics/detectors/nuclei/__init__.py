"""Nuclei and materials that neutrinos scatter on: elements, mixtures, form factors."""
