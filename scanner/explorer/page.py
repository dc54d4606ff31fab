"""A page of the explorer: sliders and menus, the figure, and what is said below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bokeh.document import Document
from bokeh.events import MouseMove, Tap
from bokeh.layouts import column
from bokeh.models import CategoricalSlider, CheckboxGroup, Div, NumericInput, Select, Toggle

from physics.errors import InputError
from scanner.explorer.figure import Picture
from scanner.explorer.planes import Planes
from scanner.explorer.tables import STYLE, legend, messages, point
from scanner.explorer.view import View, from_link
from scanner.limits.methods.base import methods

OWN = "each search's own"
EVERY = 1000  # ms between two looks at the stores
SOON = 20  # ms: of what comes together the last is shown


def spread(low: float, high: float, step: float) -> list[float]:
    """Numbers in two digits, even in the logarithm, between two powers of ten."""
    number = round((high - low) / step)
    return sorted({float(f"{10 ** (low + step * n):.2g}") for n in range(number + 1)})


EVENTS = [*spread(0, 3, 0.05), 2.3, 3.0]  # critical numbers of them
LEVELS = [0.68, *(round(0.7 + 0.01 * n, 2) for n in range(30))]
BANDS = {"no band": None, "10%": 0.1, "20%": 0.2, "50%": 0.5, "100%": 1.0}  # of the background
EXPOSURES = spread(-1, 2, 0.05)  # in a search's own


class Page:
    """One look at a cube.

    Parameters
    ----------
    doc : bokeh.document.Document
        Of a session.
    planes : Planes
        Shared by all sessions.
    link : str
        Query of the link with which the page was opened; empty for none.
    """

    def __init__(self, doc: Document, planes: Planes, link: str):
        self._doc, self._planes, self._watched = doc, planes, planes.watched
        self._asked: list[str] = []  # what the link asks for and this cube has not
        self._waiting = self._quiet = False
        self._seen: Any = None
        self.view, self._asked = opened_with(link, planes)
        self.picture = Picture(self._watched.query, self._watched.searches)
        self._controls()
        self._messages, self._legend, self._value = (
            # words of a store between dollars are no mathematics
            Div(name=n, stylesheets=[STYLE], sizing_mode="stretch_width", disable_math=True)
            for n in ("messages", "legend", "value")
        )
        self._link = Div(name="link", visible=False, disable_math=True)
        self._find = Toggle(
            name="follow", label="Follow the pointer", active=self.view.at is None, width=160
        )
        self._find.on_change("active", self._followed)
        plot = self.picture.plot
        plot.on_event(MouseMove, self._moved)
        plot.on_event(Tap, self._tapped)
        doc.title = f"{self._watched.ds.attrs.get('name', '')} - dipolescan"
        doc.add_root(column(*self._widgets, name="controls", sizing_mode="stretch_width"))
        for root in (plot, self._find, self._messages, self._legend, self._value, self._link):
            doc.add_root(root)
        self.update(fit=True)
        doc.add_periodic_callback(self._look, EVERY)

    # ---- controls --------------------------------------------------------------------------------

    def _controls(self) -> None:
        view = self.view
        self._searches = CheckboxGroup(
            name="searches", labels=self._watched.searches, stylesheets=[STYLE],
            active=[self._watched.searches.index(label) for label in view.searches or ()],
        )  # fmt: skip
        self._axes: dict[str, tuple[Any, dict[str, Any]]] = {}  # widget, and words to values
        for name, values in self._watched.axes.items():
            if len(values) > 1:
                self._axes[name] = menu_or_slider(name, name, values, view.axes[name])
                self._axes[name][0].on_change("value", self._axis_changed(name))
        self._method = Select(
            title="Limit method", name="method", value=view.method or OWN,
            options=[OWN, *methods], sizing_mode="stretch_width",
        )  # fmt: skip
        defaults = methods[view.method].defaults if view.method else {}
        self._numbers = {
            "events": menu_or_slider(
                "events", "Critical signal in events", EVENTS,
                view.events or defaults.get("events", 3.0),
            ),
            "confidence_level": menu_or_slider(
                "confidence_level", "Confidence level", LEVELS,
                view.confidence_level or defaults.get("confidence_level", 0.95),
            ),
            "exposure": menu_or_slider(
                "exposure", "Exposure in each search's own", EXPOSURES, view.exposure
            ),
        }  # fmt: skip
        self._given = {
            name: NumericInput(
                name=name, title=f"{title}, in place of each search's own", mode="float", low=0.0,
                placeholder=OWN, value=getattr(view, name), sizing_mode="stretch_width",
            )
            for name, title in (("background", "Background"), ("observed", "Observed"))
        }  # fmt: skip
        wide = view.background_uncertainty
        self._bands = BANDS | ({} if wide in (None, *BANDS.values()) else {f"{wide:.4%}": wide})
        self._band = Select(
            title="Band: uncertainty of the background", name="background_uncertainty",
            value=next(word for word, share in self._bands.items() if share == (wide or None)),
            options=list(self._bands), sizing_mode="stretch_width",
        )  # fmt: skip
        self._of_method()
        self._searches.on_change("active", self._searches_changed)
        self._method.on_change("value", self._method_changed)
        for name, (widget, _) in self._numbers.items():
            widget.on_change("value", self._number_changed(name))
        for name, box in self._given.items():
            box.on_change("value", self._given_changed(name))
        self._band.on_change("value", self._band_changed)

    @property
    def _widgets(self) -> list[Any]:
        return [
            Div(text="Searches"),
            self._searches,
            *(widget for widget, _ in self._axes.values()),
            self._method,
            *(widget for widget, _ in self._numbers.values()),
            *self._given.values(),
            self._band,
        ]

    def _of_method(self) -> None:
        """Show the sliders of numbers that the method reads."""
        defaults = methods[self.view.method].defaults if self.view.method else {}
        for name in ("events", "confidence_level"):
            self._numbers[name][0].visible = name in defaults

    def _searches_changed(self, _: str, __: Any, active: list[int]) -> None:
        every = self._watched.searches
        self._go(replace(self.view, searches=tuple(every[n] for n in sorted(active))))

    def _method_changed(self, _: str, __: Any, method: str) -> None:
        """A method starts with its own numbers."""
        self.view = replace(self.view, events=None, confidence_level=None)
        self._go(replace(self.view, method="" if method == OWN else method))
        self._of_method()
        self._quiet = True
        for name, value in (methods[method].defaults if method != OWN else {}).items():
            if name in self._numbers:
                slider, words = self._numbers[name]
                if words_of_number(value) not in words:
                    words[words_of_number(value)] = value
                    slider.categories = sorted(words, key=lambda word: words[word])
                slider.value = words_of_number(value)
        self._quiet = False

    def _axis_changed(self, name: str) -> Callable[[str, Any, Any], None]:
        def changed(_: str, __: Any, new: str) -> None:
            self._go(self.view.with_axis(name, self._axes[name][1][new]))

        return changed

    def _number_changed(self, name: str) -> Callable[[str, Any, Any], None]:
        def changed(_: str, __: Any, new: str) -> None:
            if not self._quiet:
                self._go(replace(self.view, **{name: self._numbers[name][1][new]}))

        return changed

    def _given_changed(self, name: str) -> Callable[[str, Any, Any], None]:
        def changed(_: str, __: Any, new: float | None) -> None:
            given: dict[str, Any] = {name: new}
            self._go(replace(self.view, **given))

        return changed

    def _band_changed(self, _: str, __: Any, new: str) -> None:
        self._go(replace(self.view, background_uncertainty=self._bands[new]))

    def _followed(self, _: str, __: Any, active: bool) -> None:
        if not self._quiet and active:
            self._go(replace(self.view, at=None))

    def _moved(self, event: Any) -> None:
        if self._find.active:
            self._go(replace(self.view, at=self._inside(event.x, event.y)))

    def _tapped(self, event: Any) -> None:
        at = self._inside(event.x, event.y)
        if at is not None:
            self._quiet = True
            self._find.active = False
            self._quiet = False
            self._go(replace(self.view, at=at))

    def _inside(self, x: float | None, y: float | None) -> tuple[float, float] | None:
        for value, role in ((x, "mass"), (y, "coupling")):
            low, high = self._watched.range(role)
            if value is None or not low <= value <= high:
                return None
        assert x is not None
        assert y is not None
        return float(f"{x:.5g}"), float(f"{y:.5g}")

    def _go(self, view: View) -> None:
        """Show another view soon; of many changes that come together the last."""
        self.view, self._asked = view, []
        if not self._waiting:
            self._waiting = True
            self._doc.add_timeout_callback(self.update, SOON)

    # ---- what is shown ---------------------------------------------------------------------------

    def update(self, fit: bool = False) -> None:
        """Show the view.

        Parameters
        ----------
        fit : bool
            Whether the axes are changed to where the lines are.
        """
        self._waiting = False
        view, seen = self.view, self._seen
        lines_of = (replace(view, at=None), self._watched.openings, self._watched.trouble)
        if seen is None or seen[0] != lines_of:
            lines = self._planes.lines(view)
            self.picture.show(lines.found)
            if fit:
                self.picture.fit(lines.found)
            self._seen = (lines_of, lines)
            self._legend.text = legend(self._watched.query, lines.found, self.picture.styles)
            self._planes.read_ahead(view)
        lines = self._seen[1]
        trouble = [self._watched.trouble] if self._watched.trouble else []
        state = [f"The cube is filling: {self._watched.filling}."] if self._watched.filling else []
        self._messages.text = messages([*trouble, *self._asked, *state, *lines.said])
        self.picture.look_at(view.at)
        try:
            self._value.text = point(self._planes, view)
        except InputError as error:
            self._value.text = messages([str(error)])
        at = None if self._find.active else view.at
        self._link.text = replace(view, cube=self._watched.name, at=at).link()

    def _look(self) -> None:
        """Look whether the stores have changed."""
        self._watched.refresh()
        now = (self._watched.openings, self._watched.trouble)
        if now != self._seen[0][1:]:
            if now[0] != self._seen[0][1]:
                self.picture.rebase(self._watched.query)
            self.update()


def opened_with(link: str, planes: Planes) -> tuple[View, list[str]]:
    """The view of a link as far as this cube can show it, and in sentences what it cannot."""
    try:
        view = from_link(link)
    except InputError as error:
        return planes.watched.fitted(View())[0], [f"{str(error)[:1].upper()}{str(error)[1:]}."]
    return planes.watched.fitted(view)


def menu_or_slider(
    name: str, title: str, values: list[Any], value: Any
) -> tuple[Any, dict[str, Any]]:
    """Of words a menu, of numbers a slider along them; and what each of its words means."""
    if any(isinstance(each, str) for each in values):
        options = [str(each) for each in values]
        menu = Select(
            title=title, name=name, value=str(value), options=options, sizing_mode="stretch_width"
        )
        return menu, dict(zip(options, values, strict=True))
    words = {words_of_number(each): each for each in sorted({*values, value})}
    slider = CategoricalSlider(
        title=title, name=name, categories=list(words), value=words_of_number(value),
        sizing_mode="stretch_width",
    )  # fmt: skip
    return slider, words


def words_of_number(value: float) -> str:
    """As a slider shows it; different numbers are different words."""
    return f"{value:.12g}"
