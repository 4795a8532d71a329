"""What methods at inference are built of: recognition, examples, steering, assistants; the weights stay."""
