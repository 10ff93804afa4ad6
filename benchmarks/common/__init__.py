"""What the programs share: results files, the machine and its limits, timing and memory."""
