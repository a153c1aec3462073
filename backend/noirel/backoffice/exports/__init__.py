"""Products for elsewhere."""
