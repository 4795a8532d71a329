"""What a face has: its shape, eyes, hair, beard, and what is worn."""
