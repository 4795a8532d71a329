"""Tables as text: for the terminal, Markdown and LaTeX."""
