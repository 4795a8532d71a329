"""A run's scores looked up, compared with each other and ranked."""
