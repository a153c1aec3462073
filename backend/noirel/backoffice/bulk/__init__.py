"""One act on many products: in the request when they are few, by the worker when they are many."""
