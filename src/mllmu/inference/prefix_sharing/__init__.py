"""Answers requests with whatever prompts begin with alike computed only once."""
