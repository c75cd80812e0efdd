"""Parts that have to be asked for by name (PLG-9)."""
