"""What keeps the whole shop running on one machine; the shop itself knows nothing of it."""
