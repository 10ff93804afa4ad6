"""Where a fold computes: the device, one or several, precision and compilation."""
