"""Physics of the dipole portal: models, channels, experiments, spectra and counts."""
