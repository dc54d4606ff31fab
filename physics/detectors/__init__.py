"""What detectors accept: volumes, cuts on photons and on pairs of leptons, and what they see without a signal."""
