"""The graph layer, the stack and the readout against other ways to compute them."""
