"""The rule judge: it compares the value that an answer gives with the true one, by the kind of value."""
