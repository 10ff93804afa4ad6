"""What choices on the held-out clips would have reported instead of an honest score."""
