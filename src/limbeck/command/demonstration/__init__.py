"""The demo: a small shop of its own, and the main commands at work on it."""
