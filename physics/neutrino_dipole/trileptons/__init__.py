"""W -> l N, N -> nu l+ l- with dipole couplings, seen as a prompt and two displaced leptons."""
