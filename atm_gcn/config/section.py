"""The base class of all sections of a config."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from atm_gcn.config.messages import describe
from atm_gcn.errors import ATMGCNError


class Section(BaseModel):
    """Settings that refuse unknown keys and check every assignment."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    @classmethod
    def checked(cls, settings: Any, where: str) -> Self:
        """Validate settings from a file.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit; the message begins with ``where``.
        """
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise ATMGCNError(f"{where}: {describe(error, cls)}") from error
