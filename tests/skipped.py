"""What was skipped, and what would run it: told at the end of a test run."""

import re
from collections import Counter

RUN_BY = (  # words of a reason, and what to do
    (r"root|other users|mount", "run as root"),
    (r"pythia8mc|awkward|Pythia", "pip install 'pythia8mc==8.317.2' awkward"),
    (
        r"FASER_NU_SAMPLES",
        "set DIPOLESCAN_FASER_NU_SAMPLES to a folder with FASERnu's public neutrino fluxes",
    ),
    (r"FORESEE_SAMPLES", "set DIPOLESCAN_FORESEE_SAMPLES to a folder with tables of FORESEE"),
    (r"DarkNews", "pip install -e '.[darknews]'"),
    (r"HNLimits", "pip install -e '.[limits]'"),
    (r"kubectl|openssl|docker|systemd|bash", "install the program that is named"),
    (r"[Ss]lurm|sbatch", "apt-get install slurm-wlm munge"),
    (r"[Cc]hrom|browser|selenium", "apt-get install chromium chromium-driver"),
    (r"obstore", "pip install -c constraints.txt -e '.[objects]'"),
    (r"bokeh", "pip install -c constraints.txt bokeh"),
    (r"matplotlib", "pip install -c constraints.txt matplotlib"),
    (r"locale", "apt-get install locales"),
    (r"cheap|fewer parameters|fast by", "run without --fast"),
)


def remedy(reason):
    """What would run a test that was skipped for a reason."""
    return next((what for words, what in RUN_BY if re.search(words, reason)), "")


def lines(reasons):
    """A line for each reason: how many tests, why, and what would run them."""
    found = Counter(re.sub(r"^Skipped: ", "", reason) for reason in reasons)
    return [
        f"{number} skipped: {reason}" + (f" -> {remedy(reason)}" if remedy(reason) else "")
        for reason, number in found.most_common()
    ]


def pytest_terminal_summary(terminalreporter):
    """Tell them."""
    skipped = terminalreporter.stats.get("skipped", [])
    told = lines(
        str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)
    )
    if told:
        terminalreporter.section("what was not run")
        for line in told:
            terminalreporter.write_line(line)
