"""The lives of schemas: each change forward, back, and forward again."""
