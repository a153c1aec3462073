"""Makes the pictures of the demo house from a parametric flacon."""
