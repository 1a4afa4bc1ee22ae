"""Imports libpq's wrapper out of psycopg without the driver around it, which ajour does not use."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec

_PACKAGES = ("psycopg", "psycopg_binary", "psycopg_c")


def import_alone() -> None:
    """Import `psycopg.pq`, for a third of the time that all of psycopg takes.

    The packages stand empty then, and only their modules work: for a process of our own, in which
    nobody else expects a driver. Does nothing where psycopg was imported before.
    """
    if "psycopg" in sys.modules:
        return
    for name in _PACKAGES:
        _stand_empty(name)
    try:
        with _little_of_asyncio():
            import psycopg.pq  # noqa: F401 -- to find out whether it can be had alone
    except ImportError:  # another version, which needs the rest: whoever imports it next gets all
        for name in tuple(sys.modules):
            if name.partition(".")[0] in _PACKAGES:
                del sys.modules[name]


def _stand_empty(name: str) -> None:
    if spec := find_spec(name):
        sys.modules[name] = module_from_spec(spec)  # not executed


@contextmanager
def _little_of_asyncio() -> Iterator[None]:
    """Have it give one exception, which is all that psycopg's errors want of it.

    It takes as long as libpq itself. Whoever imports it later gets all of it.
    """
    if "asyncio" in sys.modules:
        yield
        return
    _stand_empty("asyncio")
    from asyncio.exceptions import CancelledError

    vars(sys.modules["asyncio"])["CancelledError"] = CancelledError
    try:
        yield
    finally:
        del sys.modules["asyncio"], sys.modules["asyncio.exceptions"]
