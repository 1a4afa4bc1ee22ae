"""Writes the DDL that turns one schema into another, and says what it cannot bring back."""
