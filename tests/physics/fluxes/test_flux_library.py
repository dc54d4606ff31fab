"""Sets of fluxes: found, hidden, verified, replaced whole."""

from pathlib import Path

import numpy as np
import pytest

from physics.errors import InputError
from physics.fluxes import library
from physics.fluxes.library import available_fluxes, find_flux, flux_folder, write_flux
from physics.fluxes.places import flux_places
from physics.fluxes.table import FluxError, NeutrinoFlux


@pytest.fixture(autouse=True)
def user(tmp_path, monkeypatch):
    (tmp_path / "user").mkdir()
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path / "user"))
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "user"


def flux(number=1.0):
    return NeutrinoFlux(
        np.array([2.0]), np.array([1.0, 3.0]), {14: np.array([number])}, {14: np.zeros(1)}, "s", 1.0
    )


def write(root, place="faser-nu", label="mine", number=1.0):
    folder = flux_folder(root, place, label)
    return write_flux(folder, flux(number), {"command": "dipolescan flux import x"}, "a test")


def test_a_users_set_hides_a_shipped_one(user, tmp_path):
    write(tmp_path / "shipped", number=1.0)
    assert find_flux("faser-nu", "mine").load().numbers[14] == [1.0]
    write(user, number=2.0)
    assert find_flux("faser-nu", "mine").load().numbers[14] == [2.0]
    assert list(available_fluxes()) == [("faser-nu", "mine")]
    (user / "faser-nu" / "mine" / "SOURCES.yaml").unlink()
    with pytest.raises(FluxError, match="not a readable list of sources"):
        find_flux("faser-nu", "mine")


def test_default_is_what_the_place_names(user):
    write(user, label=flux_places()["faser-nu"].default)
    assert find_flux("faser-nu").label == flux_places()["faser-nu"].default
    with pytest.raises(FluxError, match="no neutrino flux 'faser-nu2/"):
        find_flux("faser-nu2")


def test_default_of_a_users_place_is_its_only_flux(user):
    write(user, "mine", "one")
    assert find_flux("mine").name == "mine/one"
    write(user, "mine", "two")
    with pytest.raises(FluxError, match="several fluxes, name one of them: one, two"):
        find_flux("mine")


@pytest.mark.parametrize("names", [("nowhere", "x"), ("..", "x"), ("faser-nu", ".."), ("", "")])
def test_a_flux_that_is_not_there(user, names):
    write(user)
    with pytest.raises(FluxError, match="there are: faser-nu/mine; make one with"):
        find_flux(*names)


def test_altered_and_missing_files_are_refused(user):
    found = write(user)
    path = found.folder / "flux.npz"
    assert set(found.checksums()) == {"flux.npz"}
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(FluxError, match="altered or truncated"):
        found.load()
    path.unlink()
    with pytest.raises(FluxError, match="does not exist"):
        found.load()


@pytest.mark.parametrize(
    "text",
    ["", "[", "format: 2\nflux: {}", "format: 1", "format: 1\nflux: {file: 3, sha256: x, command: y}",
     "format: 1\nflux: {file: ../../x, sha256: x, command: y}"],
)  # fmt: skip
def test_damaged_lists_of_sources_are_refused(user, text):
    note = write(user).folder / "SOURCES.yaml"
    note.write_text(text)
    with pytest.raises(FluxError, match="make the set again"):
        find_flux("faser-nu", "mine")


def test_a_write_that_fails_leaves_the_old_set(user, monkeypatch):
    write(user)

    def stop(self, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(NeutrinoFlux, "save", stop)
    with pytest.raises(FluxError, match="cannot be written"):
        write(user, number=2.0)
    assert find_flux("faser-nu", "mine").load().numbers[14] == [1.0]
    assert [path.name for path in (user / "faser-nu").iterdir()] == ["mine"]


def test_a_variable_that_names_no_folder(user, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(user / "nowhere"))
    with pytest.raises(InputError, match=r"\$DIPOLESCAN_FLUXES .*'dipolescan flux import"):
        find_flux("faser-nu")
    monkeypatch.delenv("DIPOLESCAN_FLUXES")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert library.user_folder() == Path("/data/dipolescan/fluxes")
