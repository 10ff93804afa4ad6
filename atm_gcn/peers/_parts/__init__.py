"""What several peers have in common."""
