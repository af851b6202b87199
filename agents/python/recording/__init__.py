"""Records what a release's functions do under CPython (docs/formats/recording.md). Runs in the sandbox only; standard library only."""
