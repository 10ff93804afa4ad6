"""What appears on a terminal while something is computed."""
