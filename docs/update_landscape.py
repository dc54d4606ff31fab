"""Write the picture of all searches, and the tables of README and ``landscape.md``; some minutes for the scan.

Run it from the repository's root: ``python docs/update_landscape.py [STORE] [--no-compute]``. A scan that was
interrupted is finished, unless the store is to be shown as it is.
"""

import csv
import re
import sys
from pathlib import Path

from scanner.outputs.landscape import landscape
from scanner.outputs.landscape_result import Landscape

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
TABLE = FIGURES / "landscape.csv"
WIDTHS = {"": 17.8, "-column": 8.6}  # cm
DOTS = 150.0  # per inch
AS_IT_IS = "--no-compute"
FLAVORS = {"e": "ν_e", "mu": "ν_μ", "tau": "ν_τ"}


def compute(store: str, finish: bool) -> None:
    """Finish the scan, draw each flavor, and write the table."""
    found = landscape(store=store, compute=finish, say=print)
    found.save(TABLE)
    for flavor in FLAVORS:
        one = Landscape(found.query, [flavor])
        for ending, width in WIDTHS.items():
            if flavor == "mu" or not ending:
                one.save_figure(FIGURES / f"landscape-{flavor}{ending}.png", width, DOTS)


def rows_of(path: Path = TABLE) -> list[dict[str, str]]:
    """Rows of the table that the command writes."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def lowest(rows: list[dict[str, str]], every: int = 1) -> str:
    """The lowest search at each mass, a column for each flavor; with ``every`` only some masses."""
    masses = list(dict.fromkeys(row["m_N_GeV"] for row in rows))[::every]
    lines = [
        f"| m_N [GeV] | {' | '.join(FLAVORS.values())} |",
        "|---|" + "---|" * len(FLAVORS),
    ]
    for mass in masses:
        found = {row["flavor"]: row for row in rows if row["m_N_GeV"] == mass}
        cells = [_cell(found[flavor]) for flavor in FLAVORS]
        lines.append(f"| {float(mass):.2g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def excluded(rows: list[dict[str, str]]) -> str:
    """What laboratories have excluded already at each mass."""
    masses = list(dict.fromkeys(row["m_N_GeV"] for row in rows))
    lines = [
        f"| m_N [GeV] | {' | '.join(FLAVORS.values())} |",
        "|---|" + "---|" * len(FLAVORS),
    ]
    for mass in masses:
        found = {row["flavor"]: row for row in rows if row["m_N_GeV"] == mass}
        cells = [
            f"{float(found[f]['d_excluded_per_GeV']):.1e} {found[f]['excluded_by']}" if found[f]["excluded_by"] else "–"
            for f in FLAVORS
        ]  # fmt: skip
        lines.append(f"| {float(mass):.2g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: dict[str, str]) -> str:
    if not row["by"]:
        return "–" if row["sure"] == "1" else "not computed"
    least = "" if row["sure"] == "1" else "at most "
    return f"{least}{float(row['d_low_per_GeV']):.1e} {row['by']}"


def pages(rows: list[dict[str, str]]) -> dict[Path, str]:
    """Each page with its tables, as it has to be."""
    found = {}
    for page, tables in (
        (ROOT / "README.md", {"landscape": lowest(rows, every=2)}),
        (ROOT / "docs" / "landscape.md", {"lowest": lowest(rows), "excluded": excluded(rows)}),
    ):
        text = page.read_text(encoding="utf-8")
        for marker, table in tables.items():
            block = f"<!-- {marker} -->\n{table}\n<!-- /{marker} -->"
            text = re.sub(
                rf"<!-- {marker} -->.*?<!-- /{marker} -->", lambda _, b=block: b, text, flags=re.S
            )
        found[page] = text
    return found


def main() -> None:
    """Compute, and replace what stands between the markers."""
    places = [word for word in sys.argv[1:] if word != AS_IT_IS]
    compute((places or ["results/landscape.zarr"])[0], AS_IT_IS not in sys.argv)
    for page, text in pages(rows_of()).items():
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
