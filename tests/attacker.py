"""Another user of this machine, who tries every port of a run: python attacker.py CONTROL [--read FILE] PORT...

Prints a line for each scheduler or worker that answers, which would run what it is sent, and for each file that can be
read. CONTROL is the address of an open scheduler: if that does not answer, the attack is none.
"""

import asyncio
import os
import sys
from pathlib import Path

from distributed import Security
from distributed.core import rpc

NOBODY = 65534
PATIENCE = 5  # s, of what need not answer
LONGER = 60  # s, of the one that must


async def answers(address, patience=PATIENCE):
    """Whether a scheduler or worker takes requests from us; with a certificate of our own where it wants one."""
    security = Security.temporary() if address.startswith("tls") else Security()
    try:
        async with asyncio.timeout(patience):
            async with rpc(
                address, timeout=patience, connection_args=security.get_connection_args("client")
            ) as server:
                return bool(await server.identity())
    except (OSError, TimeoutError, RuntimeError, TypeError, ValueError):
        return False


async def attack(control, *addresses):
    asked = (answers(control, LONGER), *map(answers, addresses))
    found = await asyncio.gather(*asked)
    return [a for a, open_ in zip((control, *addresses), found, strict=True) if open_]


def main(control, *words):
    asyncio.run(
        attack(control, control.replace("tcp", "tls"))
    )  # imports what this takes, as long as it can
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    files = [w for w in words if w.startswith("/")]
    ports = [w for w in words if not w.startswith("/")]
    for address in asyncio.run(
        attack(control, *(f"{p}://127.0.0.1:{n}" for n in ports for p in ("tcp", "tls")))
    ):
        print("open", address)
    for name in files:
        try:
            Path(name).read_bytes()
        except OSError:
            continue
        print("readable", name)


if __name__ == "__main__":
    main(*sys.argv[1:])
