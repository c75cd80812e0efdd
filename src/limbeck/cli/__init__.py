"""Words on a terminal: the command table, the parser, results, and how a failure is told."""
