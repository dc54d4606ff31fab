"""A quantity."""

from physics.quantities.base import Result, quantity


@quantity("toy-number", "a number", "arXiv:0000.00000")
def toy_number(x: float) -> list[Result]:
    """Twice x."""
    return [Result("number", 2 * x, "1")]
