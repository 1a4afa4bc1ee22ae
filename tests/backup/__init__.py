"""Backups: made, read back and restored, on real servers."""
