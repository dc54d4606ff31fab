"""How searches are counted for N that mixes; one file per kind of search."""
