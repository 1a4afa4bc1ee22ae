"""What a test needs and a machine may lack: then the test is left out, but never where CI runs."""

import os
from typing import NoReturn

import pytest


def leave_out(reason: str) -> NoReturn:
    """Leave a test out where it cannot run; where nothing may be left out, that is a failure."""
    assert "AJOUR_TESTS_SKIP_NOTHING" not in os.environ, reason
    pytest.skip(reason)
