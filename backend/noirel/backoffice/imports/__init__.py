"""Products from elsewhere."""
