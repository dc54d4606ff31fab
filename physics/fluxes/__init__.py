"""Neutrino fluxes: tables of neutrinos per area and exposure, where they lie, and how they are read and made."""
