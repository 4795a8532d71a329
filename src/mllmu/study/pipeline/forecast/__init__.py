"""What a run will take: time and memory of its stages, before it begins and while it runs."""
