"""A small shop: the application whose database the demo migrates."""
