"""When do two descriptions of one thing mean the same? Neutral rules, which each dialect refines."""
