"""How searches are counted in the model of the dark boson: one kind of search per file, found automatically."""
