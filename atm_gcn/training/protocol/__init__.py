"""Which folds and seeds a run has, who is in each fold, and that nothing is on two sides of one."""
