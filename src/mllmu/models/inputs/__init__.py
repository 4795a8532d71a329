"""What a model is given of prompts and pictures: token ids and image tensors."""
