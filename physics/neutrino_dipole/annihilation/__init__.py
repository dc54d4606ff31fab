"""Heavy neutral leptons at lepton colliders: production, the photon they leave, and its background."""
