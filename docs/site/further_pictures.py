"""Pictures of the gallery that are of no paper, each with the command that draws it.

Run it from the repository's root, with the store that ``dipolescan run quickstart`` has made:
``python docs/site/further_pictures.py results/quickstart.zarr``.
"""

import shlex
import sys
from pathlib import Path

STORE = "results/quickstart.zarr"
COMMANDS = {
    "quickstart.png": f"dipolescan plot {STORE} --width two -o quickstart.png",
    "band.png": (
        f"dipolescan compare {STORE} --by experiment --flavor tau --method cls --background 9 --observed 9 "
        "--band statistics --band background --background-uncertainty 50% --width one -o band.png"
    ),
    "combine.png": (
        f"dipolescan combine {STORE} --experiment FASER2 --experiment FACET --flavor tau --how likelihood "
        "--background FASER2=4 --background FACET=4 --observed FASER2=5 --observed FACET=8 --width one -o combine.png"
    ),
}
SAYS = {
    "quickstart.png": "The first scan: reach of FASER, FASER2 and FACET for each flavor.",
    "band.png": "Bands: counts within their statistical error, and nine events of background within half of them.",
    "combine.png": "Two searches as one likelihood: what is excluded after five and eight events, with a background of "
    "four in each, and what was expected.",
}
ELSEWHERE = {  # drawn by pages of their own: what it is, the command, the page
    "explorer.png": (
        "The explorer: a page with sliders and menus, and the events at a point.",
        f"dipolescan explore {STORE} --browser", "explorer.md",
    ),
    "landscape-mu-column.png": (
        "All searches on one plane, for one column of a journal.",
        "dipolescan landscape --flavor mu --width 8.6 -o landscape-mu-column.png", "landscape.md",
    ),
    **{
        f"landscape-{flavor}.png": (
            f"All searches on one plane, for the coupling to the {name} neutrino.",
            f"dipolescan landscape --flavor {flavor} -o landscape-{flavor}.png", "landscape.md",
        )
        for flavor, name in (("e", "electron"), ("mu", "muon"), ("tau", "tau"))
    },
}  # fmt: skip
FOLDER = Path(__file__).parents[1] / "figures"


def words(name: str, store: str) -> list[str]:
    """The command of a picture, for a store, without the name of the program; it writes into the folder of figures."""
    told = shlex.split(COMMANDS[name])[1:]
    return [{STORE: store, name: str(FOLDER / name)}.get(word, word) for word in told]


def main() -> None:
    """Draw all."""
    from scanner.cli import main as dipolescan

    for name in COMMANDS:
        dipolescan(words(name, sys.argv[1]), standalone_mode=False)


if __name__ == "__main__":
    main()
