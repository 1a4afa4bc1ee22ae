"""One file for each command; the folder's listing is the list of commands."""
