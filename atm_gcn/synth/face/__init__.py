"""Drawing one face: the person, and its parts from the backdrop to the hair."""
