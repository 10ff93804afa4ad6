"""The one error that atm_gcn raises for bad input, and the one way to ask for an optional part."""

import importlib
from types import ModuleType


class ATMGCNError(Exception):
    """Bad input, said in one sentence: which file or setting, what is wrong with it, how to mend it.

    The command line prints the sentence and exits with 1; a traceback appears with ``--debug`` only.
    """


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional module, or say which extra brings it.

    Raises:
        ATMGCNError: If the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ATMGCNError(
            f"{purpose} needs {module.partition('.')[0]}, which is not installed: pip install 'atm-gcn[{extra}]'"
        ) from error
