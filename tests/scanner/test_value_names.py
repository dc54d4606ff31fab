"""Legends of curves that differ in a number or in yes and no say what the value is of."""

from dataclasses import replace

import pytest

from scanner.outputs.comparison import Comparison
from scanner.outputs.ratio_figure import ratio_figure
from scanner.outputs.value_names import with_value_names
from scanner.queries.assumptions import Assumptions
from scanner.queries.direct import open_stored
from scanner.queries.query import Query


@pytest.fixture(scope="module")
def query(small):
    return Query(open_stored(small))


@pytest.fixture(scope="module")
def curves(query):
    return query.compare("exposure", {"experiment": "FACET", "flavor": "e"}, labels=[300, 3000])


@pytest.mark.parametrize(
    ("by", "label", "name"),
    [
        ("count_antiparticle", "True", "count_antiparticle = True"),
        ("d_gamma", "1e-05", "d_gamma = 1e-05 1/GeV"),
        ("exposure", "300", "exposure = 300 1/fb"),
        ("nature", "dirac", "dirac"),
        ("events", "3", "3"),
        ("experiment", "1", "1"),
    ],
)
def test_bare_values_get_their_name(query, curves, by, label, name):
    assert with_value_names(query, by, [replace(curves[0], label=label)])[0].label == name


def test_figures_name_them_and_tables_do_not(query, curves):
    found = Comparison(query, "exposure", curves, Assumptions())
    assert found.labels == ["300", "3000"]
    for figure in (found.as_figure(), ratio_figure(query, found.metrics())):
        words = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
        assert words[:2] == ["exposure = 300 1/fb", "exposure = 3000 1/fb"]
    assert figure.axes[1].get_ylabel() == "ratio to the first"
