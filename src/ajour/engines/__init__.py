"""PostgreSQL servers that ajour runs itself: nothing to install, nothing to set up."""
