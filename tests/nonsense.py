"""Bad inputs of every kind, by the thousand: what is written in files, on the command line and in the environment."""

import itertools
import random

# ---- values that are no number, or none that makes sense ---------------------------------------

NOT_NUMBERS = (
    "true", "no", "x", "'3'", "021", "00", "1_000", "1:30", "0x10", "0b1", "0o17", "1e", "e5", "--1", "1.2.3", "1,5",
    "10 MeV", "3GeV", "1e-7/GeV", ".nan", "[1]", "{a: 1}", "2026-11-29", "!!str 3", "!!python/none x", "½", "٣", "1 2",
)  # fmt: skip
NOT_POSITIVE = (*NOT_NUMBERS, "-1", "0", "-1e-30", "-.inf", ".inf", "1e400", "9" * 400)
WORDS = (
    "nan",
    "inf",
    "-inf",
    "x",
    "",
    " ",
    "1_0",
    "0x1F",
    "1:30",
    "021",
    "3GeV",
    "1,5",
    "true",
    "1e",
    "½",
    "٣",
    "--",
)

SPEC = """
name: {name}
experiments: {experiments}
axes:
  generator: {generator}
  flavor: {flavor}
  m_N: {{start: {start}, stop: {stop}, num: {num}, spacing: {spacing}, units: {units}}}
  d_gamma: {couplings}
options: {{nature: {nature}, count_antiparticle: {count}}}
channels: {channels}
sampling: {{points: {points}, replicas: {replicas}, seed: {seed}}}
execution: {{block_size: {block_size}, block_seconds: {block_seconds}}}
"""
GOOD_SPEC = {
    "name": "toy", "experiments": "[FASER2]", "generator": "[toy]", "flavor": "[e]", "start": "0.1", "stop": "1e0",
    "num": "5", "spacing": "log", "units": "GeV", "couplings": "[1e-7, 1e-6]", "nature": "dirac", "count": "true",
    "channels": "[]", "points": "64", "replicas": "8", "seed": "1", "block_size": "2", "block_seconds": "1",
}  # fmt: skip
NAMES = (
    "[3]",
    "[nope]",
    "[true]",
    "[[e]]",
    "[{a: 1}]",
    "{a: b}",
    "[e, e, nope]",
    "['']",
    "[" + 200 * "x" + "]",
)
BAD_SPEC = {
    "name": ("3", "", "a b", "../x", "[a]", "true", "2026-11-29", "é", "x" * 200, "-a", "{a: b}"),
    "experiments": (*NAMES, "nope.yaml", "[]", "", "3", "s3://bucket/x.yaml", "[FASER2, FASER2]", "FASSER2"),
    "generator": (*NAMES, "[]", "3"),
    "flavor": (*NAMES, "[]", "3", "electron"),
    "start": (*NOT_POSITIVE, "2", "1"),
    "stop": (*NOT_POSITIVE, "0.05", "1e7", "0.1", "0.1000000000000001"),
    "num": (*NOT_POSITIVE, "1", "2.5", "1e7", "1e300"),
    "spacing": ("cubic", "3", "[log]", "", "Log", "true"),
    "units": ("kg", "3", "[GeV]", "gev", "1/GeV", "true"),
    "couplings": (
        "[]", "[0]", "[-1e-6]", "[1e-6, 1e-7]", "[1e-6, 1e-6]", "[1e-6, 1.0000000000000002e-6]", "[true]", "[x]",
        "['1']",
        "[021]", "[1_0]", "[1:30]", "[.nan]", "[nan]", "[.inf]", "[[1]]", "{values: [1e-6], num: 3}", "{start: 1}",
        "{stop: 1, num: 2}", "{start: 1e-7, stop: 1e-6, nmu: 3}", "10 MeV", "[1e400]", "{}", "{values: 3}",
        "[1e-6 GeV]",
    ),
    "nature": ("weyl", "3", "[dirac]", "true", "Dirac"),
    "count": ("1", "maybe", "[true]", "0", "'true'"),
    "channels": (*NAMES, "3", "[K, K]", "kaon"),
    "points": (*NOT_POSITIVE, "100", "1e9", "65.5"),
    "replicas": (*NOT_POSITIVE, "3", "1e9"),
    "seed": (*NOT_NUMBERS, "-1", "1e12", ".inf", "1.5"),
    "block_size": (*NOT_POSITIVE, "1.5"),
    "block_seconds": (*NOT_POSITIVE, "1e9"),
}  # fmt: skip

EXPERIMENT = """
title: {title}
facility: F
signature: S
source: arXiv:2308.16608
beam: {beam}
exposure: {exposure}
volume: {volume}
selection: {{p_N_min: {p_N_min}, E_gamma_min: {E_gamma_min}, efficiency: {efficiency}}}
background: {background}
observed: {observed}
calorimeter: {{z: {z}, r_max: {r_max}}}
statistic: {{method: {method}, confidence_level: {level}}}
"""
GOOD_EXPERIMENT = {
    "title": "T", "beam": "lhc-14tev", "exposure": "300", "volume": "{z_min: 4.8e2, z_max: 485, r_max: 1}",
    "p_N_min": "1e2", "E_gamma_min": "0", "efficiency": "1", "background": "0", "observed": "0", "z": "490",
    "r_max": "1", "method": "poisson", "level": "9e-1",
}  # fmt: skip
NOT_NEGATIVE = (*NOT_NUMBERS, "-1", ".inf", "-.inf", "1e400")
LENGTHS = (
    "1e155",
    "1e10",
    "1e-200",
    "-1",
    "0",
    "true",
    "x",
    "1_0",
    "021",
    ".nan",
    ".inf",
    "[1]",
    "10 m",
)


def each(form, values):
    """A text with each of the values in its place."""
    return [form.replace("%s", value) for value in values]


BAD_EXPERIMENT = {
    "title": ("3", "", "[a]", "true"),
    "beam": ("nope", "3", "[a]", "lhc-14tev:Cu", "sps-400gev", "sps-400gev:Unobtainium", "nope.yaml", "https://x/y.yaml"),
    "exposure": (*NOT_POSITIVE, "1e31"),
    "volume": (
        *each("{z_min: %s, z_max: 485, r_max: 1}", LENGTHS),
        *each("{z_min: 480, z_max: %s, r_max: 1}", LENGTHS),
        *each("{z_min: 480, z_max: 485, r_max: %s}", LENGTHS),
        *each("{z_min: 480, z_max: 485, theta_max: %s}", (*LENGTHS, "3", "1.5707963267948966")),
        *each("{z_min: 480, z_max: 485, width: %s, height: 1}", LENGTHS),
        *each("{z_min: 480, z_max: 485, front: [1, %s], back: [1, 1]}", LENGTHS),
        "{z_min: 480, z_max: 485}", "{z_min: 480, z_max: 485, r_max: 1, theta_max: 1e-3}", "3", "[]", "{}", "cube",
        "{z_min: 480, z_max: 485, r_mxa: 1}", "{z_min: 480, z_min: 481, z_max: 485, r_max: 1}",
        "{z_min: 480, z_max: 480.0000000000001, r_max: 1}",
    ),
    "p_N_min": (*NOT_NEGATIVE, "1e4", "7000"),
    "E_gamma_min": (*NOT_NEGATIVE, "1e4"),
    "efficiency": (*NOT_POSITIVE, "1.1", "100"),
    "background": NOT_NEGATIVE,
    "observed": NOT_NEGATIVE,
    "z": (*LENGTHS, "100"),
    "r_max": LENGTHS,
    "method": ("guess", "3", "[poisson]", "Poisson", "''"),
    "level": (*NOT_POSITIVE, "1", "95", "1.5"),
}  # fmt: skip

BEAM = """
description: {description}
momentum: {momentum}
absorber_distance: {absorber_distance}
spectra: {spectra}
sqrt_s: {sqrt_s}
pipe_radius: {pipe_radius}
forward_angle: {forward_angle}
A_power: {A_power}
targets: {targets}
"""
GOOD_BEAM = {
    "description": "D", "momentum": "6800", "absorber_distance": "100", "spectra": "mine", "sqrt_s": "13.6e3",
    "pipe_radius": "0.05", "forward_angle": "5e-3", "A_power": "{}", "targets": "[]",
}  # fmt: skip
BAD_BEAM = {
    "description": ("3", "[a]", "{a: b}"),
    "momentum": (*NOT_POSITIVE, "1e12", "13.6e3"),
    "absorber_distance": (*NOT_POSITIVE, "1e155"),
    "spectra": ("3", "[a]", "true"),
    "sqrt_s": (*NOT_POSITIVE, "14", "1e155"),
    "pipe_radius": (*NOT_POSITIVE, "1e155"),
    "forward_angle": (*NOT_POSITIVE, "3"),
    "A_power": ("3", "[1]", "{a: 1}", "{411: x}", "{411: 1e5}", "{411: true}", "{411: .nan}", "{411: 1, 411: 2}"),
    "targets": ("3", "[3]", "[Unobtainium]", "{a: b}", "Cu"),
}  # fmt: skip


def one_by_one(template, good, bad):
    """Texts with one bad value each, and where it is."""
    for key, values in bad.items():
        for value in values:
            yield f"{key}: {value}"[:60], template.format(**{**good, key: value})


# ---- texts that are broken somewhere -----------------------------------------------------------


def broken(text, number, seed=1):
    """A text after one to three random edits; it may be still a good one."""
    dice = random.Random(seed)
    pieces = [":", "{", "}", "[", "]", "\t", "\n", "&a ", "*a", "<<: ", "!", "|", ">", "%", "@", "`", "'", '"', "\x00",
              "﻿", "- ", "? ", "1e999", "-", "#", ",", "é", "---\n", "...\n", "!!binary ", "~", "  "]  # fmt: skip
    for _ in range(number):
        made = text
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(made))
            cut = dice.choice([0, 0, 1, 5, 40])
            made = made[:at] + dice.choice(pieces) + made[at + cut :]
        yield made


RAW = (
    b"", b"\xff\xfe", b"\x00", b"\x80abc", b"[" * 1000, b"{" * 500, b"a: " * 200, b"- " * 5000, b"3", b"x", b"[]",
    b"null", b"a: &a [*a]", b"a: *b", b"<<: 3", b"<<: [1]", b"? [a]\n: b", b"!!python/object/apply:os.system [ls]",
    b"\xef\xbb\xbf", b"%YAML 9.9\n---\na: 1", b"--- a\n--- b", b"a: |\n\tb", b"9" * 5000, b"name: &n x\n" * 3,
    b"\x89PNG\r\n\x1a\n", b"PK\x03\x04",
    b"a0: &a0 {x: 1}\n" + b"".join(b"a%d: &a%d {<<: [*a%d, *a%d]}\n" % (i, i, i - 1, i - 1) for i in range(1, 30)),
)  # fmt: skip


# ---- the command line --------------------------------------------------------------------------


def numbers(store):
    """Command lines with an option whose number is none, or makes no sense; what is refused is named."""
    signed = {"--events": ("0", "-1"), "--confidence-level": ("0", "-1"), "--exposure": ("0", "-1")}
    signed |= {"--background": ("-1",), "--observed": ("-1",)}
    for command, (option, more) in itertools.product(("reach", "contour"), signed.items()):
        for value in (*WORDS, *more):
            yield command, store, "--experiment", "FACET", "--flavor", "e", option, value
    build = ("spectra", "build", "--generator", "nope")
    wrong = (*WORDS, "0", "-1", "2.5")
    for value in (*wrong, "1e9"):
        yield "plan", "nope", "--workers", value
        yield "reproduce", "nope", "--workers", value
        yield *build, "--jobs", value
    for value in (*wrong, "1e30"):
        yield *build, "--events", value
        yield *build, "--seed", value
    for value in (*(w for w in wrong if w not in ("021", "1:30")), "1:2:3", "3:2", "999999999"):
        yield "run", "nope", "--workers", value
    for value in (
        *(w for w in wrong if w not in ("021", "1:30", "2.5")),
        "1:99",
        "1:2:3:4",
        "1e30",
        "1-25:00:00",
    ):
        yield "run", "nope", "--walltime", value
    for value in (*WORDS, "-1", "1e10"):
        yield "serve", "--cluster", "nope", "--idle", value
        yield "serve", "--cluster", "nope", "--grace", value
    for value in (*WORDS, "1000", "-1000", "2.5"):
        yield "submit", "nope", "--priority", value
    for value in ("", "x", "-1", "99999", "1:2:3:x", "host:", ":", "１"):
        yield "serve", "--cluster", "nope", "--http", value
    for value in ("x", "", "=", "x=", "events=x", "events=nan", "events=1_0", "events=", "=3"):
        yield "reach", store, "--parameter", value


SETTINGS = (
    *("", "x", "=", "=3", "a=b", "axes.m_N", "axes.m_N=[", "axes.m_N.num=021", "axes..num=3", ".=3", "sampling=3"),
    *("axes=3", "axes.m_N.num=true", "name=", "axes.m_N={a: 1, a: 2}", "axes.m_N.start=10 MeV", "axes.m_N.num=1"),
)  # fmt: skip


def words(store):
    """Command lines with a name that there is not."""
    for value in SETTINGS:
        yield "plan", "quickstart", "--set", value
    for word in (
        "x",
        "--x",
        "-x",
        "runn",
        "RUN",
        "s3://x",
        "é",
        "x" * 4000,
        "--jsn",
        "plan run",
        "a\nb",
        "''",
    ):
        yield (word,)
        for before in (
            *(("list",), ("plan",), ("info",), ("check",), ("calc",), ("verify",), ("reproduce",)),
            ("clusters", "show"),
            *(("spectra", "show", word), ("spectra", "show", "lhc-14tev/toy"), ("spectra", "import"), ("reach", word)),
            *(("reach", store, name) for name in ("--experiment", "--flavor", "--method", "--generator", "--channel")),
            *(("compare", store, "--by"), ("run", "nope", "--cluster"), ("status",), ("submit",), ("cancel",)),
        ):  # fmt: skip
            yield *before, word


PLACES = (
    "s3://bucket/x.csv", "gs://b/x.csv", "https://host/x.csv", "file://elsewhere/x.csv", "memory://x.csv", "abfs://c@a/x.csv",
    "zip::s3://b/x.csv", "~nobody-at-all/x.csv", "host:/x.csv", "", "file:///x.csv?y", "ssh://a/b.csv", "S3://B/x.csv",
)  # fmt: skip


def places(store):
    """Command lines with a place that is none of this machine."""
    for place in PLACES:
        yield "reach", store, "-o", place
        yield "contour", store, "-o", place
        yield "plot", store, "-o", place
        yield "compare", store, "--by", "flavor", "-o", place
        yield "run", "nope", "--store", place
        yield "submit", "nope", "--store", place
        yield "submit", "nope", "--queue", place
        yield "status", "--queue", place
        yield "serve", "--cluster", "nope", "--queue", place
        yield "info", place
        yield "verify", place
        yield "spectra", "import", place
        yield "reproduce", "nope", "-o", place
        yield "spectra", "build", "--generator", "nope", "--out", place


def parameters():
    """Questions to calc without an answer."""
    good = {
        "decay-length": {"m_N": "0.15", "d_gamma": "1e-6", "energy": "100"},
        "lifetime": {"m_N": "0.15", "d_gamma": "1e-6"},
        "branching-ratio": {"meson": "J_psi", "m_N": "0.1", "d_gamma": "1e-4"},
        "sigma-ee": {"m_N": "0.1", "d_gamma": "1e-4", "sqrt_s": "90"},
        "dark-photon": {"M_1": "0.1", "delta": "0.1", "momentum": "10"},
        "couplings": {"d_gamma": "1e-6"},
    }
    for quantity, given in good.items():
        words = {key: f"{key}={value}" for key, value in given.items()}
        for key, word in words.items():
            rest = [w for k, w in words.items() if k != key]
            for value in (
                *(w for w in WORDS if w != "inf" or key == "meson"),
                "-1",
                "0",
                "1e300",
                "1e-300",
                "100MeV",
            ):
                if (key, value) != ("momentum", "1e-300"):
                    yield "calc", quantity, *rest, f"{key}={value}"
            yield "calc", quantity, *rest
            yield "calc", quantity, *rest, word, word
            yield "calc", quantity, *rest, word, "colour=red"
            yield "calc", quantity, *rest, word, "nonsense"


# ---- tables of mesons, and the environment -----------------------------------------------------


def rows(momenta=(2.0, 2.5, 3.0), angles=(-2.0, -1.0, 0.0)):
    """Lines of a good table in FORESEE's layout, three by three bins up to 1 TeV and pi/2."""
    step = 0.196 / 2
    return [f"{t + step:.4f} {p} 1.0e3" for t in angles for p in momenta]


def tables():
    """Names and texts of tables that cannot be imported."""
    good, name = rows(), "Mine_14TeV_221.txt"
    for word in (
        "nan",
        "inf",
        "x",
        "1_000",
        "0x10",
        "1,5",
        "1:30",
        "",
        "-1e9",
        "1e999",
        "1.0D+05",
        "1 2",
        "é",
    ):
        for column in range(3):
            fields = good[4].split()
            fields[column] = word
            yield name, "\n".join([*good[:4], " ".join(fields), *good[5:]])
    yield name, ""
    yield name, "# nothing"
    yield name, good[0]
    yield name, "\n".join(good[:-1])
    yield name, "\n".join([*good, good[0]])
    yield name, "\n".join(rows(momenta=(5.0, 5.5, 6.0)))  # a thousand times those of the beam
    yield name, "\n".join(rows(momenta=(100.0, 150.0, 200.0)))
    yield name, "\n".join(rows(momenta=(2e3, 2.5e3, 3e3)))  # GeV in place of their logarithm
    yield name, "\n".join(rows(angles=(0.0, 1.0, 2.0)))
    yield name, "\n".join(rows(angles=(-4.0, -3.0, -2.0)))
    yield name, "\n".join(line.rsplit(" ", 1)[0] + " 0" for line in good)
    yield name, "\n".join(line.replace(" 1.0e3", " -1.0e3") for line in good)
    yield name, "\n".join(f"{0.001 * i} {0.01 * i * i} 1" for i in range(900))
    yield name, "normalisation: 5 pb\n" + "\n".join(good)
    yield name, "pid: 111\n" + "\n".join(good)
    yield "Mine_13TeV_221.txt", "\n".join(good)
    yield "Mine_14TeV_999.txt", "\n".join(good)
    yield "Mine_14TeV.txt", "\n".join(good)
    yield "Mine_14TeV_221.csv", "\n".join(good)
    yield "Mine_1_4TeV_221.txt.gz", "\n".join(good)


DASK_FILES = {
    "open": b"distributed: {worker: [\n", "twice": b"dipolescan: {slurm: {minimum: 1, minimum: 2}}", "list": b"- 1\n",
    "tabs": b"a:\n\tb: 1\n", "bytes": b"\xff\xfe\x00",
}  # fmt: skip
NOWHERE = ("/nowhere", "s3://b", "file://h/x", "~nobody-at-all", "/dev/null", "~nobody-at-all/x")
SURROUNDINGS = [
    *((("plan", "quickstart"), {"DIPOLESCAN_SPECTRA": value}) for value in NOWHERE),
    *((("status",), {"DIPOLESCAN_QUEUE": value}) for value in NOWHERE),
    *((("submit", "quickstart"), {"DIPOLESCAN_QUEUE": v}) for v in ("/proc/x", "s3://b", "/dev/null", "/dev/null/x")),
    *((("clusters", "show", "local"), {"DASK_CONFIG": f"{v}.yaml"}) for v in DASK_FILES),
    (("plan", "quickstart"), {"XDG_DATA_HOME": "~nobody-at-all"}),
]  # fmt: skip
