"""The training of one fold: batches, steps, epochs, early stopping, and resumable state."""
