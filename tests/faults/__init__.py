"""Faults: what dies, breaks, collides or is refused, on real servers."""
