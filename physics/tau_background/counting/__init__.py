"""How the background of tau pairs is counted."""
