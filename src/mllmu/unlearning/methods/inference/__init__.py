"""Methods that leave the weights as they are, and change what is around the model when it is asked."""
