"""The example's databases come from ajour's own pytest plugin, as a project's would."""

from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/midpicture"


@pytest.fixture(scope="session")
def ajour_project() -> Path:
    """Return the example's folder."""
    return EXAMPLE
