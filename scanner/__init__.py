"""Scans of the dipole portal: run them, open what they stored, derive limits."""

from scanner import accessor  # noqa: F401  registers ds.scan
from scanner.cube import open_cube
from scanner.run import run
from scanner.service import submit
from scanner.spec import load_spec

__all__ = ["load_spec", "open_cube", "run", "submit"]
