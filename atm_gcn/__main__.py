"""``python -m atm_gcn`` is ``atm-gcn``."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it in one line, also while it is imported."""
    try:
        from atm_gcn.cli.main import main as run

        run()
    except KeyboardInterrupt:
        print("atm-gcn: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
