"""Whether the method does what it is for: its parts, its attention maps, spotting and the leak check."""
