"""Specs that come with the product; they are listed without what reads them."""

from __future__ import annotations

from pathlib import Path

BUNDLED = Path(__file__).with_name("specs")


def bundled_specs() -> dict[str, Path]:
    """Specs that come with the product, by name."""
    return {path.stem: path for path in sorted(BUNDLED.glob("*.yaml"))}
