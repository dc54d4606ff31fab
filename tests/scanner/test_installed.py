"""All code that counts, as one number: what a service and its workers compare."""

from types import SimpleNamespace

import pytest

from scanner.scans import installed
from scanner.scans.fingerprint import environment


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that stands for ``physics``, and one that registers something there."""
    for name in ("counted", "added"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "inner" / "code.py").write_text("x = 1\n")
        (tmp_path / name / "table.yaml").write_text("x: 1\n")
    entry = SimpleNamespace(group="dipolescan.models", name="a", value="added:a", module="added")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(installed, "OWN", "counted")
    monkeypatch.setattr(installed, "all_plugins", lambda: (entry,))
    return tmp_path


def number():
    installed.installed_code.cache_clear()
    try:
        return installed.installed_code()
    finally:
        installed.installed_code.cache_clear()


@pytest.mark.parametrize("name", ["counted", "added"])
def test_each_file_counts(package, name):
    before = number()
    assert number() == before
    (package / name / "inner" / "code.pyc").write_bytes(b"compiled")
    (package / name / "notes.md").write_text("words\n")
    assert number() == before
    for file, text in (("inner/code.py", "x = 2\n"), ("table.yaml", "x: 2\n"), ("new.py", "")):
        path = package / name / file
        old = path.read_text() if path.exists() else None
        path.write_text(text)
        assert number() != before, file
        path.unlink() if old is None else path.write_text(old)
    (package / name / "table.yaml").rename(package / name / "other.yaml")
    assert number() != before


def test_what_is_registered_counts(package, monkeypatch):
    before = number()
    monkeypatch.setattr(installed, "all_plugins", lambda: ())
    assert number() != before


def test_a_service_compares_it(package, monkeypatch):
    def code():
        number()
        return dict(line.split(": ") for line in environment().splitlines())["physics code"]

    before = code()
    (package / "counted" / "table.yaml").write_text("x: 2\n")
    assert code() != before
    installed.installed_code.cache_clear()
