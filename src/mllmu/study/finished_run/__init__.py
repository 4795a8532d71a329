"""Finding what a finished run has made, for commands that measure it further."""
