"""Write the computed tables and figures of the pages ``reproduction-*.md``; takes some minutes.

Run it from the repository's root: ``python docs/update_reproduction.py [FOLDER [ARXIV ...]]`` (scans in FOLDER are used
again; without numbers of papers, all pages).
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from radiation_table import radiation

FIGURES = Path(__file__).with_name("figures")


def compute(folder: Path, arxiv: str, names: list[str]) -> dict:
    """Everything that ``reproduce`` finds for a paper."""
    found = {}
    for name in names:
        command = [
            sys.executable,
            "-m",
            "scanner",
            "reproduce",
            f"{arxiv}:{name}",
            "-o",
            str(folder),
            "--json",
        ]
        found |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def numbers(found: dict) -> str:
    """Quoted couplings: one row per number and convention, one column per generator."""
    cells: dict = {}
    generators: list[str] = []
    single = []
    for made in (found[f"2308.16608:fig{n}"] for n in (3, 4, 5)):
        for c in made["comparisons"]:
            if ";" not in c["computed_with"]:
                single.append(
                    f"| {c['what']} | {c['quoted']:.3g} | {c['computed_with']} | {c['ours']:.4g} {c['units']} | | |"
                )
                continue
            convention, generator = c["computed_with"].split("; ")
            what = re.sub(r" \(ours .*\)", "", c["what"])
            if generator not in generators:
                generators.append(generator)
            at = re.search(r"ours at ([\d.]+) GeV", c["what"])
            text = (
                "beyond our tip"
                if c["ours"] is None
                else f"{c['ours']:.2e}" + (f" at {at[1]}" if at else "")
            )
            cells.setdefault((what, c["quoted"], convention), {})[generator] = text
    lines = [
        f"| number | quoted | convention | {' | '.join(generators)} |",
        "|---|---|---|" + "---|" * len(generators),
    ]
    for (what, quoted, convention), row in cells.items():
        lines.append(
            f"| {what} | {quoted:.2g} | {convention} | {' | '.join(row[g] for g in generators)} |"
        )
    return "\n".join([*lines, *single])


def yields(found: dict) -> str:
    """Table 1: ratio of each generator's own yield to the published one."""
    rows: dict = {}
    generators: list[str] = []
    for c in found["2308.16608:table1"]["comparisons"]:
        rows.setdefault((c["what"], c["quoted"]), {})[c["computed_with"]] = c["ours"] / c["quoted"]
        if c["computed_with"] not in generators:
            generators.append(c["computed_with"])
    lines = [
        f"| species | published [fb] | {' | '.join(generators)} |",
        "|---|---|" + "---|" * len(generators),
    ]
    for (what, quoted), row in rows.items():
        lines.append(
            f"| {what} | {quoted:.3g} | {' | '.join(f'{row[g]:.2f}' for g in generators)} |"
        )
    return "\n".join(lines)


def by_convention(found: dict) -> str:
    """Quoted numbers: one row each, with ours in both conventions."""
    rows: dict = {}
    for made in found.values():
        for c in made["comparisons"]:
            what = re.sub(r" \(ours .*\)", "", c["what"])
            rows.setdefault((what, c["quoted"], c["units"]), {})[c["computed_with"]] = c["ours"]
    lines = ["| number | quoted | `paper` | ratio | `exact` | ratio |", "|---|---|---|---|---|---|"]
    for (what, quoted, units), ours in rows.items():
        if set(ours) != {"paper", "exact"}:
            continue
        cells = [f"{ours[tag]:.3g} | {ours[tag] / quoted:.2f}" for tag in ("paper", "exact")]
        lines.append(f"| {what} | {quoted:.2g} {units} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plain(found: dict) -> str:
    """Quoted numbers: one row each."""
    lines = ["| number | quoted | computed with | ours | ratio |", "|---|---|---|---|---|"]
    for made in found.values():
        for c in made["comparisons"]:
            units = "" if c["units"] == "1" else c["units"]
            cells = [c["what"], f"{c['quoted']:.3g} {units}", c["computed_with"], "–", "–"]
            if c["ours"] is not None:
                cells[3:] = [f"{c['ours']:.3g} {units}", f"{c['ours'] / c['quoted']:.2f}"]
            lines.append(f"| {' | '.join(cell.strip() for cell in cells)} |")
    return "\n".join(lines)


def statements(found: dict) -> str:
    """What the paper says in words, and the numbers that decide it."""
    lines = ["| figure | statement | measured by | ours | |", "|---|---|---|---|---|"]
    for name, made in found.items():
        for s in made["statements"]:
            verdict = {True: "holds", False: "**does not hold**", None: "undecided"}[s["holds"]]
            cells = [name.split(":")[1], s["claim"], s["measure"], s["ours"], verdict]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def provenance(found: dict) -> str:
    """Which version and which cubes the page is of."""
    versions, cubes = set(), {}
    for made in found.values():
        said = made["provenance"]
        versions.add(said["versions"]["derived_with"])
        for one in (said, *said.get("curves", ())):
            merged = {
                "scan": said.get("scan"),
                **said.get("cube", {}),
                **one,
                **one.get("cube", {}),
            }
            if "fingerprint" in merged:
                cubes[merged["fingerprint"]] = merged["scan"]
    listed = ", ".join(f"{scan} {fingerprint[:8]}" for fingerprint, scan in cubes.items())
    return f"Made with {', '.join(sorted(versions))}" + (
        f" from the cubes {listed}." if cubes else "."
    )


# arXiv number to names of figures, tables by marker, and figures that the page shows
PAGES = {
    "2308.16608": (
        ["table1", "fig2", "fig3", "fig4", "fig5"],
        {"numbers": numbers, "yields": yields},
        ["fig3.png"],
    ),
    "2301.06050": (
        ["table1", *(f"fig{n}" for n in range(1, 9))],
        {"numbers": by_convention, "radiation": radiation},
        ["fig4.png", "fig8.png", "fig8-exact.png"],
    ),
    "2301.08592": (
        ["estimates", "tables", *(f"fig{n}" for n in (2, 3, 4, 5, 7, 8, 9, 10))],
        {"numbers": plain, "statements": statements},
        [f"fig{n}.png" for n in (2, 3, 4, 5, 7, 8, 9, 10)],
    ),
    "2406.17599": (
        ["table1", "fig2", "fig3", "fig4"],
        {"numbers": plain, "statements": statements},
        ["fig2.png", "fig3.png", "fig4.png"],
    ),
    "2011.04751": (
        ["fig1", "fig2", "fig3", "fig4"],
        {"numbers": plain, "statements": statements},
        ["fig1.png", "fig2.png", "fig3.png", "fig4.png"],
    ),
}


def main() -> None:
    """Compute, and replace what stands between the markers."""
    folder, *chosen = sys.argv[1:] or ["results"]
    FIGURES.mkdir(exist_ok=True)
    for arxiv in chosen or PAGES:
        names, tables, shown = PAGES[arxiv]
        found = compute(Path(folder), arxiv, names)
        page = Path(__file__).with_name(f"reproduction-{arxiv}.md")
        text = page.read_text(encoding="utf-8")
        if "<!-- provenance -->" not in text:
            text += "\n<!-- provenance -->\n<!-- /provenance -->\n"
        for marker, table in {**tables, "provenance": provenance}.items():
            block = f"<!-- {marker} -->\n{table(found)}\n<!-- /{marker} -->"
            text = re.sub(
                rf"<!-- {marker} -->.*?<!-- /{marker} -->", lambda _, b=block: b, text, flags=re.S
            )
        page.write_text(text, encoding="utf-8")
        for name in shown:
            shutil.copy(Path(folder) / arxiv / name, FIGURES / f"{arxiv}-{name}")


if __name__ == "__main__":
    main()
