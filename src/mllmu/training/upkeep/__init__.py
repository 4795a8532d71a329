"""What a training does beside learning: states to go on from, and a log."""
