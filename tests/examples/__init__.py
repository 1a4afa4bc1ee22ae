"""From end to end: the real command, in a process of its own, on real servers."""
