"""A server of one's own that may be killed, and started again on its port."""

import os
import signal
from dataclasses import dataclass

from ajour.engines import serve
from ajour.engines.binaries import find_binaries
from ajour.engines.cluster import Cluster
from ajour.engines.postmaster import find_postmaster
from ajour.engines.run_as import run_as
from projects import wait_for
from servers import POSTGRES, THROWAWAY, Server


@dataclass(frozen=True)
class Mortal:
    """A throwaway server that comes and goes."""

    server: Server

    def kill(self) -> None:
        """End the first of its processes with SIGKILL; return when all the others are gone too."""
        found = find_postmaster(self.server.folder / "data")
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        wait_for(lambda: not serve.in_use(self.server.folder / "data"))

    def stop(self) -> None:
        """Shut it down as an administrator does, who ends all connections."""
        assert serve.stop(self.server.folder / "data")

    def start(self) -> None:
        """Start it; what its crash left is recovered first."""
        cluster = Cluster(self.server.folder / "data", find_binaries(POSTGRES), run_as())
        log = self.server.folder / "server.log"
        assert serve.start(cluster, self.server.port, log, THROWAWAY)
