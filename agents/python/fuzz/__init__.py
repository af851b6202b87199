"""Calls with changed inputs, made by CPython for the difference fuzz of a proof (agents/prove_fuzz.c). Runs in the sandbox only; standard library only."""
