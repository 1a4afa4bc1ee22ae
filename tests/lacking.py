"""What a test needs and a machine may lack: then the test is left out, but never where CI runs."""

import os
from typing import NoReturn

import pytest

from servers import MAJOR


def leave_out(reason: str) -> NoReturn:
    """Leave a test out where it cannot run; where nothing may be left out, that is a failure."""
    assert "AJOUR_TESTS_SKIP_NOTHING" not in os.environ, reason
    pytest.skip(reason)


def since(major: int, what: str) -> pytest.MarkDecorator:
    """Leave a test out on servers before `major`, which do not have what it is about."""
    return pytest.mark.skipif(major > MAJOR, reason=f"{what} came with PostgreSQL {major}")
