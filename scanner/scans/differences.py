"""What differs between a stored scan and a new one, in words."""

from __future__ import annotations

import json
from typing import Any

from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store


def difference(store: Store, spec: ScanSpec, checksums: dict[str, str]) -> str:
    """What differs between a stored scan and a new one, in a few words.

    Parameters
    ----------
    store : Store
    spec : ScanSpec
    checksums : dict
        Of the new scan's resources, by label.
    """
    old, new = json.loads(store.attrs["spec"]), json.loads(spec.canonical_json())
    keys = [k for k in new if k not in ("name", "description") and old.get(k) != new[k]]
    if keys:
        return f"its spec differs in {'; '.join(_differing(k, old.get(k), new[k]) for k in keys)}"
    if store.attrs["resources"] != checksums:
        return "it was made with other meson spectra"
    return "it was made with another version of the physics code"


def _differing(key: str, old: Any, new: Any) -> str:
    """A key of two specs, with what is different inside: ``axes (m_N: 6 values from 0.05 to 0.5 there, ...)``."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return f"{key} ({_brief(old)} there, {_brief(new)} here)"
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if all(
        isinstance(x, dict) for x in (*old.values(), *new.values())
    ):  # definitions of experiments
        states = {
            (True, False): "not asked for",
            (False, True): "not there",
            (True, True): "defined otherwise",
        }
        parts = [f"{name} is {states[name in old, name in new]}" for name in names]
    else:
        parts = [
            f"{name}: {_brief(old.get(name))} there, {_brief(new.get(name))} here" for name in names
        ]
    more = f" and {len(parts) - 2} more" if len(parts) > 2 else ""
    return f"{key} ({'; '.join(parts[:2])}{more})"


def _brief(value: Any) -> str:
    """A value of a spec, or the ends of a long list."""
    if value is None:
        return "nothing"
    if isinstance(value, list) and len(value) > 3:
        ends = [f"{x:.6g}" if isinstance(x, float) else str(x) for x in (value[0], value[-1])]
        return f"{len(value)} values from {ends[0]} to {ends[1]}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
