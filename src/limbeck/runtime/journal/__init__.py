"""What has been done of a migration that no rollback undoes, written down beside it, so that the next run can go on.

`text` tells kinds of statements apart, `table` is the side table, `replay` decides what of an interrupted step is not
to run again, `watch` sees one step, `recorder` decides for it, and `run` is all of it for one run.
"""
