"""What a schema is, as values: read from a database, and compared."""
