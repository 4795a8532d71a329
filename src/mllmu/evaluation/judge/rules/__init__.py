"""The rule judge: it compares the value an answer gives with the true one, each kind of value by its own rule."""
