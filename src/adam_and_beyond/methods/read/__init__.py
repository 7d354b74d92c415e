"""Reading a rule: as expressions, as LaTeX, as JavaScript; always the function that runs."""
