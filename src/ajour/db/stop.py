"""How a run is asked to stop: at once where nothing is open, else where it can be done cleanly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Stop:
    """Between a signal and a run. A signal handler asks `deferred`, and sets `requested`."""

    requested: bool = False
    deferred: bool = False
    """A transaction is open: the run itself looks at `requested`, cancels and rolls back."""

    def admit(self) -> None:
        """Let a signal end the run at once again: nothing is open. Raises KeyboardInterrupt."""
        self.deferred = False
        if self.requested:
            raise KeyboardInterrupt

    @contextmanager
    def defer(self) -> Iterator[None]:
        """Hold back the signal's exception while a transaction may be open."""
        before, self.deferred = self.deferred, True
        try:
            yield
        finally:
            self.deferred = before
