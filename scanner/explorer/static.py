"""A view as one file of HTML that needs neither a server nor a network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bokeh.embed import file_html
from bokeh.resources import Resources
from jinja2 import Template

from scanner.explorer.figure import Picture
from scanner.explorer.tables import STYLE, legend, messages
from scanner.explorer.view import View
from scanner.explorer.watched import Watched
from scanner.explorer.words import axis_words
from scanner.outputs.comparison import Comparison
from scanner.outputs.curve_results import ContourResult

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
PAGE = Template("""{% extends base %}
{% block preamble %}
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.45 system-ui, sans-serif; color: #1c1c1c; margin: 0 auto; max-width: 60rem; }
body { padding: .7rem !important; }
h1 { font-size: 1.25rem; margin: .2rem 0; }
.figure { height: min(70vh, 34rem); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
{{ style }}
</style>
{% endblock %}
{% block contents %}
<h1>{{ title }}</h1>
<p>{{ chosen }}</p>
{{ messages }}
<div class="figure">{{ embed(roots[0]) }}</div>
{{ legend }}
<p><small>{{ short }}</small></p>
<details><summary>All that decides these numbers</summary><pre>{{ provenance }}</pre></details>
{% endblock %}
""")


def page_of(watched: Watched, view: View, found: Sequence[ContourResult], whole: Comparison) -> str:
    """A page with the figure of a view, what it assumes, and nothing that is fetched.

    Parameters
    ----------
    watched : Watched
    view : View
    found : sequence of ContourResult
    whole : Comparison
        The same as one result.

    Returns
    -------
    str
    """
    picture = Picture(watched.query, watched.searches)
    picture.show(found)
    picture.look_at(view.at)
    picture.fit(found)
    title = f"{watched.ds.attrs.get('name', '')}, dipolescan"
    said = [
        f"{line.curve.label}: {note}"
        for line in found
        if line.empty or line.incomplete
        for note in line.notes()
    ]
    chosen = ", ".join(axis_words(name, value) for name, value in view.axes.items())
    page: str = file_html(
        picture.plot,
        resources=Resources(mode="inline"),
        title=escape(title),
        template=PAGE,
        template_variables={
            "policy": POLICY, "style": STYLE, "chosen": escape(chosen), "messages": messages(said),
            "legend": legend(watched.query, found, picture.styles),
            "short": escape(whole.about.short), "provenance": escape(whole.about.text),
        },
    )  # fmt: skip
    return page
