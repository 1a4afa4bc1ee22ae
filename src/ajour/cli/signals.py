"""Ctrl-C and SIGTERM: the first one ends the run cleanly, the second one at once."""

import os
import signal
from types import FrameType

from ajour.db.stop import Stop


class Signals:
    """Handles both signals from its making on. `stop.admit` must let the first one have effect."""

    def __init__(self) -> None:
        self.stop = Stop(deferred=True)
        self.number: int | None = None
        """Of the first signal that came."""
        signal.signal(signal.SIGINT, self._came)
        signal.signal(signal.SIGTERM, self._came)

    @property
    def exit_code(self) -> int:
        """What a process that ended by the signal exits with: 130 or 143."""
        return 128 + (self.number or signal.SIGINT)

    def _came(self, number: int, _frame: FrameType | None) -> None:
        if self.number is not None:
            os._exit(128 + number)  # the server notices by itself that we are gone
        self.number = number
        self.stop.requested = True
        if not self.stop.deferred:
            raise KeyboardInterrupt
