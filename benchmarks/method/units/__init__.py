"""Recognition of action units."""
