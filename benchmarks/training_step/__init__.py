"""What a training step costs in time and memory, and whether faster steps learn the same."""
