"""A certificate authority made for the tests, and a real PostgreSQL that speaks TLS with it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ajour.engines.binaries import Binaries, find_binaries, read_binaries
from lacking import leave_out
from servers import POSTGRES, Server, running

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_DAYS = ("-days", "2")

ONLY_TLS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class Authority:
    """A folder with a CA's key and certificate."""

    folder: Path

    @property
    def file(self) -> Path:
        """The CA's certificate."""
        return self.folder / "ca.crt"

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        """Make a new one in a folder that does not exist yet."""
        folder.mkdir()
        made = ("-keyout", folder / "ca.key", "-out", folder / "ca.crt")
        _openssl("req", "-x509", *_NEW_KEY, "-subj", "/CN=CA of the tests", *_DAYS, *made)
        return cls(folder)

    def certify(self, *names: str) -> tuple[bytes, bytes]:
        """Return a key and a certificate for a server of those names."""
        here = self.folder
        alternatives = ",".join(f"DNS:{name}" for name in names)
        _openssl(
            *("req", *_NEW_KEY, "-subj", f"/CN={names[0]}"),
            *("-addext", f"subjectAltName={alternatives}"),
            *("-keyout", here / "server.key", "-out", here / "server.csr"),
        )
        _openssl(
            *("x509", "-req", *_DAYS, "-CAcreateserial", "-copy_extensions", "copy"),
            *("-in", here / "server.csr", "-CA", self.file, "-CAkey", here / "ca.key"),
            *("-out", here / "server.crt"),
        )
        return (here / "server.key").read_bytes(), (here / "server.crt").read_bytes()


def postgres_with_tls() -> Binaries:
    """Return a PostgreSQL that was built with OpenSSL: the wheel's was not."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [find_binaries(POSTGRES)] if POSTGRES else []
    able = (
        binaries
        for binaries in (*found, *map(read_binaries, places))
        if b"SSL_CTX_new" in (binaries.bin / "postgres").read_bytes()
    )
    return next(able, None) or leave_out("no PostgreSQL with TLS is installed")


@contextlib.contextmanager
def tls_server(authority: Authority, *names: str, hba: str = ONLY_TLS) -> Iterator[Server]:
    """Run a server whose certificate has `names`; without TLS it lets nobody in."""
    key, certificate = authority.certify(*names)

    def prepare(data: Path) -> None:
        owner = data.stat()
        for name, content in (("server.key", key), ("server.crt", certificate)):
            (data / name).write_bytes(content)
            (data / name).chmod(0o600)
            os.chown(data / name, owner.st_uid, owner.st_gid)
        (data / "pg_hba.conf").write_text(hba)

    with running("ssl=on", binaries=postgres_with_tls(), prepare=prepare) as server:
        yield server


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
