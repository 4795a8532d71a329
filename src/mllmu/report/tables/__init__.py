"""Tables, and how they are written for the terminal, Markdown and LaTeX."""
