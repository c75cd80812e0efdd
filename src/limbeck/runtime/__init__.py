"""Running a plan: what env.py talks to, transactions, the version table, scripts of SQL."""
