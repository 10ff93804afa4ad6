"""All settings of a run: a preset, a YAML file, and overrides."""

from pathlib import Path
from typing import Any, Self

from atm_gcn.config.data import DataConfig
from atm_gcn.config.model import ModelConfig
from atm_gcn.config.overrides import merged, nested
from atm_gcn.config.presets import PRESETS
from atm_gcn.config.section import Section
from atm_gcn.config.train import TrainConfig
from atm_gcn.config.yaml_values import read_settings, write_settings
from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.files.limits import SETTINGS_BYTES, read_limited


class RunConfig(Section):
    """A whole run: ``RunConfig.preset("small")``, ``RunConfig.load("config.yaml")``, or both with overrides."""

    model: ModelConfig = ModelConfig()
    data: DataConfig = DataConfig()
    train: TrainConfig = TrainConfig()

    @classmethod
    def preset(cls, name: str) -> Self:
        """The settings of section IV.B for small or large datasets, or a small one for a CPU.

        Raises:
            ATMGCNError: If there is no such preset.
        """
        if name not in PRESETS:
            raise ATMGCNError(f"preset must be {either(PRESETS)}, not {name!r}{did_you_mean(name, PRESETS)}")
        return cls.model_validate(PRESETS[name])

    @classmethod
    def load(cls, path: str | Path, base: Self | None = None, overrides: list[str] | tuple[str, ...] = ()) -> Self:
        """Read YAML, over the settings of ``base`` and under ``overrides`` such as ``"train.epochs=3"``.

        Raises:
            ATMGCNError: If the file is not YAML, or a key is unknown, or a value does not fit.
        """
        path = Path(path)
        try:
            content = read_limited(path, SETTINGS_BYTES)
            if content is None:
                raise ATMGCNError(f"{path}: holds more than {SETTINGS_BYTES:,} bytes; is it a file of settings?")
            settings = read_settings(content.decode())
        except OSError as error:
            raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise ATMGCNError(f"{path}: is not YAML ({error}); save it as UTF-8") from error
        except ValueError as error:
            raise ATMGCNError(f"{path}: {error}") from error
        if not isinstance(settings, dict | None):
            raise ATMGCNError(f"{path}: holds no settings; write sections such as 'train:' with keys below them")
        return (base or cls()).merge(settings or {}, where=str(path)).override(overrides)

    def merge(self, settings: dict[str, Any], where: str = "settings") -> Self:
        """A copy with the given nested settings instead of its own.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit; the message begins with ``where``.
        """
        return self.checked(merged(self.model_dump(), settings), where)

    def override(self, assignments: list[str] | tuple[str, ...]) -> Self:
        """A copy with assignments such as ``"train.lr=3e-4"`` made, one after another; values are read as YAML.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit.
        """
        settings: dict[str, Any] = {}
        for assignment in assignments:
            settings = merged(settings, nested(assignment, type(self)))
        return self.merge(settings, where="--set") if settings else self

    def to_yaml(self) -> str:
        """The settings as YAML, every default written out."""
        return write_settings(self.model_dump(mode="json"))
