"""From counts to limits: the critical signal of a method, given background and observation."""
