"""A suite of small sets of motion features ("worlds") on which variants of the graph are compared."""
