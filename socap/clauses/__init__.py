"""The clauses of the standard as printed, and the requirements under them."""
