"""The papers' figures and tables from bundled specs; one file per paper, found automatically."""
