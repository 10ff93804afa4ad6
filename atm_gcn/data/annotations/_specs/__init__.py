"""What is known of each dataset, one module per family; :mod:`atm_gcn.data.annotations.spec` lists them."""
