"""A prompt and two displaced leptons from W -> l N, N -> nu l l by mixing."""
