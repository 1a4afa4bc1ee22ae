"""The example project: its migrations, and what its scripts do, on real servers."""
