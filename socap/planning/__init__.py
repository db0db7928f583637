"""The provably cheapest set of evidence changes that reaches a target."""
