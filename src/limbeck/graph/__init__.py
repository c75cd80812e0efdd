"""Revisions, how they follow from each other, and the steps from here to there: values in, values out."""
