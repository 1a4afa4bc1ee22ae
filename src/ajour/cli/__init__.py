"""The command line: the only place that reads flags, prints and exits."""
