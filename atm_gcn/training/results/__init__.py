"""What a run leaves on disk, and the only code that writes and reads it."""
