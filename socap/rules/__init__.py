"""The rule language and its readers: what a rule means, knowing facts but no clauses."""
