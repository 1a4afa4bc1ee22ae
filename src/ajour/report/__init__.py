"""Values in, text out. Nothing here prints."""
