"""The world that is a database: connecting, the history, applying."""
