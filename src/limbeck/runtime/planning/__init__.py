"""Trying migrations without changing anything: what they would send, and what of that is sure.

`recorder` takes down statements, `rehearsal` runs the functions of revisions for it, `outlook` says what the
statements mean for those who use the database.
"""
