"""Meson spectra: tables, their library, normalisation, importers and generators."""
