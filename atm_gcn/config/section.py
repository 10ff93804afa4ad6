"""What the sections of a config share."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from atm_gcn.config.messages import describe
from atm_gcn.errors import ATMGCNError


class Section(BaseModel):
    """Settings whose keys are all known, checked on every assignment."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    @classmethod
    def checked(cls, settings: Any, where: str) -> Self:
        """Settings out of a file.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit; the message begins with ``where``.
        """
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise ATMGCNError(f"{where}: {describe(error, cls)}") from error
