"""What all dipole models share: the pair of fermions that couples to a photon, and its conventions."""
