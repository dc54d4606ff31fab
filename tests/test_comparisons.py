"""Numbers in tests are compared without hidden absolute tolerances, which most numbers here are smaller than."""

import ast
import math
from pathlib import Path

import pytest
from approx import approx

ROOT = Path(__file__).parent
FILES = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.py"))]
HIDDEN = "pytest.approx has abs=1e-12; use tests/approx.py"
STATED = "has a hidden absolute tolerance; state atol"
ROUNDED = "compares decimals, not digits; use tests/approx.py or assert_allclose"


def dotted(node):
    """A name with its dots, as far as it is one."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def offences(source):
    """Comparisons that let small numbers pass, with their lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.module == "pytest" and "approx" in names:
                found.append((line, HIDDEN))
            if names & {"isclose", "allclose"} and node.module != "math":
                found.append((line, "import the module, so that the use is seen"))
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if name.startswith("pytest.") and name.endswith(".approx"):
                found.append((line, HIDDEN))
            if "almost_equal" in name or "AlmostEqual" in name:
                found.append((line, f"{name} {ROUNDED}"))
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            with_default = name.endswith((".isclose", ".allclose", "xr.testing.assert_allclose"))
            stated = name.startswith("math.") or "atol" in {k.arg for k in node.keywords}
            if with_default and not stated:
                found.append((line, f"{name} {STATED}"))
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_hidden_absolute_tolerance(name):
    if name != "approx.py":
        assert offences((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "assert x == pytest.approx(1)",
        "from pytest import approx",
        "from numpy import isclose",
        "np.isclose(x, y, rtol=1e-9)",
        "np.allclose(x, y)",
        "xr.testing.assert_allclose(x, y)",
        "np.testing.assert_almost_equal(x, y)",
        "np.testing.assert_array_almost_equal(x, y, 4)",
    ],
)
def test_each_of_them_is_seen(source):
    assert len(offences(source)) == 1


@pytest.mark.parametrize(
    "source",
    ["assert x == approx(1)", "np.allclose(x, y, atol=0)", "math.isclose(x, y)"],
)
def test_others_are_let_through(source):
    assert offences(source) == []


def test_small_numbers_are_compared():
    """The numbers of this field: lifetimes of 1e-20 s, and none of them passes for another."""
    assert approx(1e-20) != 0
    assert approx(1e-20) != 1.00001e-20
    assert approx(1e-20) == 1.0000001e-20
    assert approx(1e-20, rel=0.1) == 1.09e-20
    assert approx([1e-20, 0.0]) != [1e-20, 1e-30]
    assert approx({"a": 1e-20}) != {"a": 2e-20}
    assert approx(1.0, abs=1e-3) != 1.002
    assert approx(1.0, abs=1e-3) == 1.0005
    assert approx(math.nan, nan_ok=True) == math.nan
    assert approx(math.nan) != math.nan


@pytest.mark.parametrize("expected", [1e-13, [1e-13, -2e-13], {"a": 1e-13}])
def test_a_tolerance_that_takes_zero_for_all_is_refused(expected):
    with pytest.raises(ValueError, match="0 would pass"):
        approx(expected, abs=1e-12)
    assert approx(expected, abs=1e-12, or_zero=True) == expected
    assert approx(0.0, abs=1e-12) == 1e-13
