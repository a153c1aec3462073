"""What crawlers read: robots.txt, sitemaps, and the product feed for merchants' listings."""
