"""What TLS costs: start of a local cluster, and batches through it, without and with the credentials of a run.

python benchmarks/tls.py [batches] [rounds]
"""

from __future__ import annotations

import logging
import statistics
import sys
import time

from distributed import Client, LocalCluster, Security

from schedulers.clusters import tls

PAYLOAD = 20_000  # bytes of a batch of blocks


def measured(security: Security | None, batches: int) -> tuple[float, float]:
    """Seconds until two workers are there, and for the batches."""
    begin = time.perf_counter()
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL, security=security, protocol="tls" if security else "tcp",
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        client.wait_for_workers(2)
        started = time.perf_counter()
        client.gather([client.submit(len, bytes(PAYLOAD), key=f"warm-{i}") for i in range(50)])
        ready = time.perf_counter()
        client.gather([client.submit(len, bytes(PAYLOAD), key=f"b-{i}") for i in range(batches)])
        return started - begin, time.perf_counter() - ready


def main(batches: int = 1000, rounds: int = 3) -> None:
    """Print medians, in turn without and with TLS."""
    plain, secret = [], []
    for _ in range(rounds):
        plain.append(measured(None, batches))
        secret.append(measured(tls.of_run(), batches))
    for i, what in enumerate(("start", f"{batches} batches")):
        without, with_ = (statistics.median(r[i] for r in runs) for runs in (plain, secret))
        print(
            f"{what}: {without:.2f} s without, {with_:.2f} s with TLS, ratio {with_ / without:.2f}"
        )
    begin = time.perf_counter()
    for _ in range(100):
        tls.of_run()
    print(f"credentials: {(time.perf_counter() - begin) * 10:.2f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
