"""Every shipped source has a key, and every key a valid BibTeX entry."""

import json
import re
from pathlib import Path

import pytest
import yaml

from physics.models.model import models
from physics.nature.beams import beams
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.mesons.base import production_channels
from physics.quantities.base import quantities
from physics.searches.catalogue import experiments
from physics.searches.search import search_kinds
from physics.spectra.library import SHIPPED, read_set
from physics.spectra.normalisation import published_yields
from scanner.limits.methods.base import methods
from scanner.queries.citations import catalogue, citations, keys_in, own_entry
from scanner.queries.published import PACKAGE, published_limits
from scanner.queries.sources import made_by

ENTRY = re.compile(
    r"@(article|misc)\{(?P<key>[^\s,{}\"#%'()=~\\]+),\n(?P<fields>(  \w+ = \{.*\},\n)+)\}"
)


def shipped():
    """Words of every source that is shipped, and what they are of."""
    for model in models.values():
        yield f"model {model.tag}", model.source
    for channel in (*production_channels.values(), *decay_channels.values()):
        yield f"channel {channel.tag}", channel.source
    for kind in search_kinds.values():
        yield f"kind {kind.kind}", kind.kind_source
    for search in experiments().values():
        yield f"experiment {search.tag}", search.source
    for method in methods.values():
        yield f"method {method.tag}", method.source
    for quantity in quantities.values():
        yield f"quantity {quantity.tag}", quantity.source
    for beam, found in published_yields().items():
        yield f"yields {beam}", found.source
    for note in SHIPPED.glob("*/*/SOURCES.yaml"):
        found = read_set(note.parent)
        for words in made_by(found, found.sources):
            yield f"spectra {found.beam}/{found.generator}", words
    yield "HNLimits", PACKAGE


SOURCES = dict.fromkeys(words for _, words in shipped())


def valid(key, entry):
    match = ENTRY.fullmatch(entry)
    assert match, entry
    assert match["key"] == key
    for line in match["fields"].splitlines():
        depth = 0
        for char in re.sub(r"\\[{}]", "", line):
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth >= 0
        assert depth == 0, line
    return match


@pytest.mark.parametrize("words", SOURCES)
def test_every_shipped_source_has_entries_of_the_catalogue(words):
    found = citations(words)
    assert found
    for key, entry in found.items():
        valid(key, entry)
        assert key in catalogue(), f"{key} of {words!r} has no entry in citations.bib"


def test_every_published_limit_is_cited():
    pytest.importorskip("HNLimits")
    for limit in published_limits():
        assert set(keys_in(limit.source)) <= set(catalogue())


def test_entries_of_the_catalogue():
    text = (
        Path(citations.__code__.co_filename).with_name("citations.bib").read_text(encoding="utf-8")
    )
    assert text.count("\n@") == len(catalogue()) > 35
    for key, entry in catalogue().items():
        fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", valid(key, entry)["fields"], re.M))
        assert fields["title"]
        if key.startswith("arXiv:"):
            assert fields["eprint"] == key.removeprefix("arXiv:")
            assert fields["archivePrefix"] == "arXiv"
        if entry.startswith("@article"):
            assert {"author", "journal", "volume", "pages", "year"} <= set(fields)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("arXiv:2308.16608 eq. (3.2); arXiv:2301.08592", ["arXiv:2308.16608", "arXiv:2301.08592"]),
        ("as in arXiv:2308.16608v2", ["arXiv:2308.16608"]),
        ("https://arxiv.org/abs/2501.01234", ["arXiv:2501.01234"]),
        ("hep-ex/0102026 and hep-ph/9808370", ["arXiv:hep-ex/0102026", "arXiv:hep-ph/9808370"]),
        ("(doi:10.1103/PhysRevD.1.2), and more", ["doi:10.1103/PhysRevD.1.2"]),
        ("doi:10.1016/0168-9002(92)90794-5)", ["Cousins-Highland-1992"]),
        ("https://doi.org/10.1000/a(b)c.", ["doi:10.1000/a-b-c"]),
        ("Phys. Lett. B 412, 201 (L3)", ["L3-1997"]),
        ("my thesis (2024)", ["source:my-thesis-2024"]),
        ("", []),
    ],
)
def test_keys(words, keys):
    found = citations(words)
    assert list(found) == keys
    for key, entry in found.items():
        valid(key, entry)


def test_of_an_unknown_publication_nothing_is_invented():
    (entry,) = citations("arXiv:2501.01234 fig. 2").values()
    assert entry.startswith("@misc{arXiv:2501.01234,")
    assert set(re.findall(r"^  (\w+) =", entry, re.M)) == {"eprint", "archivePrefix", "url"}


def test_words_that_name_nothing_are_kept():
    (entry,) = citations("my {thesis}, 50% of $x_1$ & more\\").values()
    valid("source:my-thesis-50-of-x-1-more", entry)
    assert "thesis" in entry


def test_the_entry_of_the_product_is_that_of_its_citation_file():
    (entry,) = own_entry().values()
    known = yaml.safe_load((Path(__file__).parents[2] / "CITATION.cff").read_text())
    valid("dipolescan", entry)
    assert f"author = {{{{{known['authors'][0]['name']}}}}}" in entry
    assert f"title = {{{{{known['title']}}}}}" in entry
    assert known["version"] in entry


# ---- of a store ------------------------------------------------------------------------------


def keys(out):
    return re.findall(r"^@\w+\{([^,]+),", out, re.M)


def test_cite(cli, spectra, finished, tmp_path):
    status, out, _ = cli("cite")
    assert (status, keys(out)) == (0, ["dipolescan"])
    status, out, err = cli("cite", finished)
    assert status == 0, err
    found = keys(out)
    assert found[:2] == ["dipolescan", "arXiv:2308.16608"]
    for entry in re.split(r"\n\n", out.strip()):
        valid(keys(entry)[0], entry)
    status, _, err = cli("cite", finished, "-o", tmp_path / "x.bib")
    assert status == 0
    assert (tmp_path / "x.bib").read_text() == out
    assert f"{len(found)} entries in " in err
    data = json.loads(cli("cite", finished, "--json")[1])
    assert [entry["key"] for entry in data] == found


def test_cite_a_part(cli, spectra, finished):
    def of(*words):
        status, out, err = cli("cite", finished, *words)
        assert status == 0, err
        return set(keys(out))

    assert "arXiv:physics/9711021" not in of()
    assert "arXiv:physics/9711021" in of("--method", "feldman-cousins")
    assert of("--experiment", "FACET") <= of()
    pytest.importorskip("HNLimits")
    assert {"arXiv:2304.06772", "arXiv:2205.02234"} <= of("--limits") - of()


def test_cite_that_cannot(cli, spectra, finished, tmp_path):
    for words, said in [
        (("cite", tmp_path / "no.zarr"), "there is no store"),
        (("cite", finished, "--experiment", "X"), "unknown experiment 'X'"),
        (("cite", finished, "--method", "X"), "unknown limit method 'X'"),
        (("cite", finished, "-o", "x.txt"), "ending must be one of bib"),
        (("cite", "--limits"), "of a STORE"),
    ]:
        status, out, err = cli(*words)
        assert status in (1, 2)
        assert out == ""
        assert said in err


def test_spectra_that_made_a_cube_are_cited_as_they_were(cli, finished, monkeypatch, tmp_path):
    """Without its list of sources, or with another one, it is said that the generator is not known."""
    from scanner.queries import sources

    sources._of_set.cache_clear()
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path))
    status, out, _ = cli("cite", finished)
    sources._of_set.cache_clear()
    assert status == 0
    assert "meson spectra lhc-14tev/toy, whose list of sources is not at hand" in out


def test_generators_of_shipped_sets():
    assert beams()
    words = {}
    for note in SHIPPED.glob("lhc-14tev/*/SOURCES.yaml"):
        found = read_set(note.parent)
        words[found.generator] = set(keys_in(*made_by(found, found.sources)))
    assert words["pythia8"] == {"arXiv:2203.11601"}
    assert words["pythia8-forward"] == {"arXiv:2203.11601", "arXiv:2309.08604"}
    assert words["sibyll-2.3d"] == {"arXiv:2203.11601", "arXiv:1912.03300", "chromo"}
