"""Drawing one face: who it is, and its parts from the backdrop to the hair."""
