"""`ajour doctor`: looks at all that a migration needs, step by step, and changes nothing."""
