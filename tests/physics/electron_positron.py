"""e+ e- -> N nubar, N -> nu gamma from explicit spinors, for tests; nothing here is taken from the package.

Lagrangian: (d_gamma F + z_sign d_Z Z)_{mu nu} nubar_L sigma N + d_W W_{mu nu} lbar_L sigma N + h.c., with the currents
-e lbar gamma l A + (g/cos) lbar gamma (g_L P_L + g_R P_R) l Z + (g/sqrt 2)(nubar gamma P_L l W + h.c.). A boson of
momentum q into the dipole vertex of Nbar gives 2 sigma^{mu nu} q_mu P_L. The two diagrams differ by the exchange of
two fermions, hence by a sign.
"""

import numpy as np
from dirac import GAMMA, IDENTITY, METRIC, P_L, P_R, SIGMA, dot, lower, slash

E = np.sqrt(4 * np.pi / 127.9)
SIN2, MZ, GZ, MW = 0.2312, 91.1876, 2.4952, 80.379
SIN, COS = np.sqrt(SIN2), np.sqrt(1 - SIN2)
G = E / SIN
PB = 3.8938e8
_ANY = np.array([0.3, 0.8 + 0.1j, -0.5, 0.2j])  # any spinor to project from


def chain_momenta(sqrt_s, m, cos, cos_star=0.0, phi=0.0):
    """Four-momenta of e-, e+, N, nubar, and of photon and neutrino from N; arrays (n, 4)."""
    cos, cos_star, phi = np.broadcast_arrays(
        *(np.atleast_1d(v).astype(float) for v in (cos, cos_star, phi))
    )
    one, zero = np.ones_like(cos), np.zeros_like(cos)
    sin, sin_star = np.sqrt(1 - cos**2), np.sqrt(1 - cos_star**2)
    p, energy = (sqrt_s - m**2 / sqrt_s) / 2, (sqrt_s + m**2 / sqrt_s) / 2
    flight = np.stack([sin, zero, cos], axis=-1)
    across = np.stack([cos, zero, -sin], axis=-1)
    k_along = (p + energy * cos_star) / 2
    k_across, k_up = m * sin_star * np.cos(phi) / 2, m * sin_star * np.sin(phi) / 2
    k = k_along[:, None] * flight + k_across[:, None] * across
    k[:, 1] += k_up
    beam = sqrt_s / 2
    found = {
        "minus": np.stack([beam * one, zero, zero, beam * one], axis=-1),
        "plus": np.stack([beam * one, zero, zero, -beam * one], axis=-1),
        "N": np.concatenate([energy * one[:, None], p * flight], axis=-1),
        "nubar": np.concatenate([p * one[:, None], -p * flight], axis=-1),
        "k": np.concatenate([((energy + p * cos_star) / 2)[:, None], k], axis=-1),
    }
    found["l"] = found["N"] - found["k"]
    return found


def spinor(p, projector):
    """Massless spinor u with u ubar = projector slash(p), for particle or antiparticle of that field."""
    found = (projector @ slash(p)) @ _ANY
    norm = np.sqrt(2 * p[..., 0] / np.sum(abs(found) ** 2, axis=-1))
    return found * norm[..., None]


def sandwich(left, matrices, right):
    """bar(left) M right, with the open indices of M first."""
    return np.einsum("na,ab,...bc,nc->...n", left.conj(), GAMMA[0], matrices, right)


def _dipole(q, projector):
    """2 sigma^{mu nu} q_mu P, (n, nu, 4, 4)."""
    return 2 * np.einsum("nm,mvab,bc->nvac", lower(q), SIGMA, projector)


def produced(momenta, d_gamma, d_Z, d_W, z_sign=1, w_electron=P_L):
    """Spinors chi in the amplitudes ubar(N) chi, one for each chirality of the electron: {"L": ..., "R": ...}."""
    minus, plus, N, nubar = (momenta[k] for k in ("minus", "plus", "N", "nubar"))
    s = dot(minus + plus, minus + plus)
    t = dot(minus - N, minus - N)
    propagator = 1 / (s - MZ**2 + 1j * MZ * GZ)
    neutrino = spinor(nubar, P_L)
    found = {}
    for name, projector, charge in (("L", P_L, -0.5 + SIN2), ("R", P_R, SIN2)):
        strength = -E * d_gamma / s + z_sign * d_Z * G / COS * charge * propagator
        current = sandwich(spinor(plus, projector), GAMMA, spinor(minus, projector))
        vertex = _dipole(minus + plus, P_L)
        found[name] = strength[:, None] * np.einsum(
            "vn,vw,nwab,nb->na", current, METRIC, vertex, neutrino
        )
    name = "L" if w_electron is P_L else "R"
    current = sandwich(spinor(plus, P_L), GAMMA, neutrino)
    exchange = G / np.sqrt(2) * d_W / (t - MW**2)
    vertex = _dipole(N - minus, w_electron)
    electron = spinor(minus, w_electron)
    found[name] = found[name] - exchange[:, None] * np.einsum(
        "vn,vw,nwab,nb->na", current, METRIC, vertex, electron
    )
    return found


def squared(momenta, m, amplitudes, spin=None):
    """Sum over spins of |M|^2 of the production; with a spin vector, for that spin of N only."""
    matrix = slash(momenta["N"]) + m * IDENTITY
    if spin is not None:
        gamma5 = P_R - P_L
        matrix = matrix @ (IDENTITY + gamma5 @ slash(spin)) / 2
    return sum(
        np.einsum("na,ab,nbc,nc->n", chi.conj(), GAMMA[0], matrix, chi).real
        for chi in amplitudes.values()
    )


def squared_chain(momenta, m, amplitudes):
    """The same with N -> nu gamma, divided by its mean 4 m^4 d^2 over directions."""
    vertex = _dipole(momenta["k"], P_R)
    neutrino = spinor(momenta["l"], P_L)
    inside = slash(momenta["N"]) + m * IDENTITY
    total = 0.0
    for chi in amplitudes.values():
        amplitude = np.einsum(
            "na,ab,nvbc,ncd,nd->vn", neutrino.conj(), GAMMA[0], vertex, inside, chi, optimize=True
        )
        total = total - np.einsum("vn,vw,wn->n", amplitude, METRIC, amplitude.conj()).real
    return total / (4 * m**4)


def d_sigma(sqrt_s, m, amplitude2):
    """From the squared amplitude summed over spins to d sigma/d cos [pb]."""
    return PB * amplitude2 / 4 * (1 - m**2 / sqrt_s**2) / (32 * np.pi * sqrt_s**2)
