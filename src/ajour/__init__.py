"""ajour brings a PostgreSQL or Supabase database up to date with a folder of SQL files."""

__version__ = "0.1.0"
