"""What models make of mesons: particles that fly and decay to a photon; one model per file, found automatically."""
