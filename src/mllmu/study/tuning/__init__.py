"""Choosing a method's settings on people who are not scored."""
