"""``python -m atm_gcn`` is ``atm-gcn``."""

from atm_gcn.cli.main import main

main()
