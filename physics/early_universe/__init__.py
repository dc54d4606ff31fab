"""The early universe: its plasma, annihilation in it, and what freezes out."""
