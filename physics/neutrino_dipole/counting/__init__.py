"""How searches are counted in the neutrino dipole: one kind of search per file, found automatically."""
