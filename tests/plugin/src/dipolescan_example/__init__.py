"""A small package that extends dipolescan by entry points."""
