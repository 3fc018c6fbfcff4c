"""How each form is written in a scheme file: conditions, amounts, terms."""
