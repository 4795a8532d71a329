"""What the model was before unlearning, stored for losses that compare with it."""
