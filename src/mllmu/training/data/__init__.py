"""What a training learns from: samples, their order, and batches of them."""
