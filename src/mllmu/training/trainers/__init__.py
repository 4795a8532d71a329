"""Trainers whose losses read nothing but answer tokens."""
