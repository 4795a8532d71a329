"""How deep the models of a finished run forgot: finding them, measuring, and the table of it."""
