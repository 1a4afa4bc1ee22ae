"""Which failures a new try can cure, and how long to wait before it. Values, no clock."""

from dataclasses import dataclass
from typing import NamedTuple

RETRIED = {"55P03": "lock timeout", "40P01": "deadlock", "40001": "serialization failure"}
"""What a whole new try of a transaction can cure, by SQLSTATE."""

NEVER_AGAIN = {"25P03", "25P04"}
"""The server ended the session for being idle, or the transaction for its length."""

LONGEST = 30.0


class Budget(NamedTuple):
    """What the tries of one step may cost."""

    tries: int = 10
    seconds: float = 300.0
    """That all of them may take together."""


@dataclass(frozen=True, slots=True)
class Tries:
    """The tries of one step so far."""

    count: int = 0
    seconds: float = 0.0
    """Since the first one failed."""

    def again(self, sqlstate: str, budget: Budget) -> bool:
        """Tell whether a failure with this SQLSTATE is to be tried again."""
        return sqlstate in RETRIED and self.count < budget.tries and self.seconds < budget.seconds

    def delay(self, jitter: float) -> float:
        """Return the seconds until the next try; `jitter` is a random number from 0 to 1."""
        return min(LONGEST, 2.0 ** (self.count - 1)) * (0.5 + jitter / 2)
