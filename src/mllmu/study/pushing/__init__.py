"""Giving models and people to the Hugging Face hub."""
