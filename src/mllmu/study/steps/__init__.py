"""What commands and notebooks call: a whole recipe, or one step of it."""
