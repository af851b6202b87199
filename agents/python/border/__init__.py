"""Times of native functions inside CPython, one process a release (agents/border.c starts it)."""
