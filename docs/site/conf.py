"""Configuration of the documentation site. ``build.py`` lays its pages together and calls Sphinx on them."""

import re

from scanner.scans.fingerprint import code_version

project = "dipolescan"
author = "The dipolescan authors"
copyright = "the dipolescan authors"
version = release = code_version().removeprefix("dipolescan ").partition("+")[0]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
nitpicky = True
# types of other packages, and words for types; what is ours must be found
nitpick_ignore_regex = [
    (r"py:.*", r"(?!(physics|scanner|schedulers|dipolescan)\.).*"),
    (r"py:.*", r".*\.(_\w+|[A-Z])"),  # private, and variables of types
]
suppress_warnings = [
    "misc.highlighting_failure",  # commands in notebooks that go on in a second line
    "ref.python",  # several attributes of one name: mass
]

# ---- pages
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # docs/execute_notebooks.py has executed them
nb_merge_streams = True
copybutton_exclude = ".linenos, .gp, .go"

# ---- docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_param = False  # types are words, "sequence of str", and no links
napoleon_use_rtype = False
napoleon_use_ivar = True
python_maximum_signature_line_length = 80
add_module_names = False
toc_object_entries_show_parents = "hide"

# ---- look
smartquotes = False  # two dashes are those of an option
html_theme = "furo"
html_title = "dipolescan"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ab4f8",
        "color-brand-content": "#8ab4f8",
    },
}


# ---- options in commands are not broken at the end of a line of a narrow screen
_COMMANDS = re.compile(r'(?s)<div class="highlight-bash.*?</pre>')
_OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*(?![^<]*>)")


def whole_options(body: str) -> str:
    """The HTML of a page with each option of a command as one word."""
    return _COMMANDS.sub(
        lambda block: _OPTION.sub(r'<span class="option">\g<0></span>', block[0]), body
    )


def _of_page(_app, _name, _template, context, _tree):
    if "body" in context:
        context["body"] = whole_options(context["body"])


def setup(app):
    """Called by Sphinx."""
    app.connect("html-page-context", _of_page)
