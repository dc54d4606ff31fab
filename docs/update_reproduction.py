"""Write the computed tables of ``reproduction-2308.16608.md`` and its figure; takes some minutes.

Run it from the repository's root: ``python docs/update_reproduction.py [FOLDER]`` (scans in FOLDER are used again).
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("reproduction-2308.16608.md")
FIGURES = Path(__file__).with_name("figures")


def compute(folder: Path) -> dict:
    """Everything that ``reproduce`` finds for this paper."""
    found = {}
    for name in ("table1", "fig2", "fig3", "fig4", "fig5"):
        command = [
            sys.executable,
            "-m",
            "scanner",
            "reproduce",
            f"2308.16608:{name}",
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
                    f"| {c['what']} | {c['quoted']:.3g} | {c['convention']} | {c['ours']:.4g} {c['units']} | | |"
                )
                continue
            convention, generator = c["computed_with"].split("; ")
            what = re.sub(r" \(ours at .*\)", "", c["what"])
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


def main() -> None:
    """Compute, and replace what stands between the markers."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("results")
    found = compute(folder)
    text = PAGE.read_text()
    for marker, table in (("numbers", numbers(found)), ("yields", yields(found))):
        block = f"<!-- {marker} -->\n{table}\n<!-- /{marker} -->"
        text = re.sub(
            rf"<!-- {marker} -->.*?<!-- /{marker} -->", lambda _, b=block: b, text, flags=re.S
        )
    PAGE.write_text(text)
    FIGURES.mkdir(exist_ok=True)
    shutil.copy(folder / "2308.16608" / "fig3.png", FIGURES / "2308.16608-fig3.png")


if __name__ == "__main__":
    main()
