"""What holds for every company, proved rather than tested: rules as constraints of a solver."""
