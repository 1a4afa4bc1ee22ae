"""Backups of a database before what destroys, and the way back: dump.py makes, restore.py reads."""
