"""Bounds of pyproject.toml and the two files of constraints say the same."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NOT_AT_THE_BOUNDS = {
    "dev",
    "docs",
    "generators",
    "darknews",
}  # linters, the site, programs of one version


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(package): Version(version) for package, version in pairs}


def requirements(without=()):
    extras = [texts for extra, texts in EXTRAS.items() if extra not in without]
    return [Requirement(text) for texts in (PROJECT["dependencies"], *extras) for text in texts]


@pytest.mark.parametrize("requirement", requirements(NOT_AT_THE_BOUNDS), ids=lambda r: r.name)
def test_lowest_constraints_are_the_lower_bounds(requirement):
    (bound,) = requirement.specifier
    assert bound.operator == ">="
    assert pins("constraints-lowest.txt")[canonicalize_name(requirement.name)] == Version(
        bound.version
    )


@pytest.mark.parametrize("requirement", requirements(), ids=lambda r: r.name)
def test_tested_versions_are_allowed(requirement):
    version = pins("constraints.txt").get(canonicalize_name(requirement.name))
    assert version in requirement.specifier
