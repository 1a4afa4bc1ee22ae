"""Types that the tests of lives share."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ajour.trial import Stage

Staged = Callable[[str], AbstractContextManager[Stage]]
"""What makes a stage whose database begins with some SQL."""
