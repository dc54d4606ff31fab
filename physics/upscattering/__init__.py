"""Neutrinos that scatter to heavy ones on what stands in their way: rates and flights, whatever the model."""
