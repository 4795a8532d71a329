"""What the wording of questions and answers says, and how texts are compared."""
