"""Certificates for tests of TLS."""

from pathlib import Path

import trustme


class Authority:
    """One that signs a certificate for each role, in files."""

    def __init__(self, folder: Path):
        self.folder = folder
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        for role in ("client", "scheduler", "worker"):
            issued = authority.issue_cert("127.0.0.1", "localhost")
            issued.private_key_pem.write_to_path(folder / f"{role}.key")
            issued.cert_chain_pems[0].write_to_path(folder / f"{role}.cert")

    def configuration(self, **changes) -> dict:
        """For Dask's configuration."""
        found = {"ca-file": self.ca}
        for role in ("client", "scheduler", "worker"):
            found |= {f"{role}.{end}": self.folder / f"{role}.{end}" for end in ("cert", "key")}
        found |= changes
        return {f"distributed.comm.tls.{k}": v and str(v) for k, v in found.items()}
