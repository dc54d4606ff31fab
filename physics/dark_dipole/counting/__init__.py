"""How searches are counted in the dark dipole: one kind of search per file, found automatically."""
