"""Runs what is pending on a scratch database of production's shape, and measures what it does."""
