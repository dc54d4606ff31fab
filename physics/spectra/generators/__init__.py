"""Event generators, only needed to rebuild spectra."""
