"""Ways to compute the weighted sum of Eq. 9; all agree in value and gradient."""
