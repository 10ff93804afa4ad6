"""Registration of a clip's frames to its onset: how the head has moved, by what does not move with the expression."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.media.registration.linear_fit import RegistrationKind
    from atm_gcn.media.registration.registration import Estimate, Registration, refusal

__all__ = ["Estimate", "Registration", "RegistrationKind", "refusal"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Estimate": "registration",
        "Registration": "registration",
        "RegistrationKind": "linear_fit",
        "refusal": "registration",
    },
)
