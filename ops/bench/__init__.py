"""`make bench-checkout`: complete purchases per second, beside the floor of the same machine in the same run."""
