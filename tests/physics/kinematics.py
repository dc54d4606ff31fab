"""Spin correlations with laboratory four-vectors, for the event generator of the tests."""

from dirac import dot


def spin_form(kind, momenta, K):
    """The form A, linear in K, with which a decay N -> neutrino(K) gamma has the weight 2 A(K)/A(p_N), of mean one.

    ``test_production_traces.py`` compares it with the matrices of the whole chain.
    """
    p, p_N = momenta["p"], momenta["N"]
    q = p + p_N
    if kind == "vector":
        return 4 * dot(K, q) * dot(p, q) - dot(q, q) * dot(K, p)
    k = momenta["k"]
    if kind == "charged_pseudoscalar":
        return dot(K, k)
    c, q2 = dot(q, k), dot(q, q)
    first = (c * dot(K, q) - q2 * dot(K, k)) * (c * dot(p, q) - q2 * dot(p, k))
    return first + c**2 * dot(K, q) * dot(p, q)
