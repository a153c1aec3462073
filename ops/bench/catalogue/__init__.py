"""`make bench-catalogue`: what the catalogue's reads cost at 1,000, 10,000 and 100,000 products, beside two floors."""
