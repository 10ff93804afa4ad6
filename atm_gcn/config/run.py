"""All settings of a run: a preset, a YAML file, and overrides."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from atm_gcn.config import flat_keys
from atm_gcn.config.data import DataConfig, complete_record
from atm_gcn.config.model import ModelConfig
from atm_gcn.config.overrides import merged, nested
from atm_gcn.config.peers import AnyModelConfig, section_for
from atm_gcn.config.presets import PRESETS
from atm_gcn.config.section import Section
from atm_gcn.config.train import TrainConfig
from atm_gcn.config.yaml_values import read_settings, write_settings
from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.files.limits import SETTINGS_BYTES, read_limited


class RunConfig(Section):
    """A whole run: ``RunConfig.preset("small")``, ``RunConfig.load("config.yaml")``, or both with overrides."""

    model: AnyModelConfig = ModelConfig()
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
    def load(
        cls,
        path: str | Path,
        base: Self | None = None,
        overrides: Sequence[str] = (),
        is_record: bool = False,
    ) -> Self:
        """Read YAML, over the settings of ``base`` and under ``overrides`` such as ``"train.optim.epochs=3"``.

        Args:
            path: The file.
            base: None takes the defaults.
            overrides: Assignments over the file's settings.
            is_record: Whether the file is that of a run, perhaps of an earlier version, whose missing settings mean
                what that version did. Otherwise flat keys, such as ``train.lr``, are logged with what to write instead.

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
        file, assigned = _Layer.of(settings or {}), _Layer.of_assignments(overrides, cls)
        if is_record and isinstance(file.settings.get("data"), dict):
            file.settings["data"] = complete_record(file.settings["data"])
        if not is_record:
            flat_keys.note(merged(file.flat, assigned.flat))
        return (base or cls())._updated(file, str(path))._updated(assigned, "--set")

    def merge(self, settings: dict[str, Any], where: str = "settings") -> Self:
        """A copy with the given nested settings instead of its own.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit; the message begins with ``where``.
        """
        layer = _Layer.of(settings)
        flat_keys.note(layer.flat)
        return self._updated(layer, where)

    def override(self, assignments: Sequence[str]) -> Self:
        """A copy with assignments such as ``"train.optim.lr=3e-4"`` made, in order; values are read as YAML.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit.
        """
        layer = _Layer.of_assignments(assignments, type(self))
        flat_keys.note(layer.flat)
        return self._updated(layer, "--set")

    @classmethod
    def assigned_data(cls, assignments: Sequence[str]) -> set[str]:
        """Names of the data settings that assignments, as for :meth:`override`, name."""
        return set(_Layer.of_assignments(assignments, cls).settings.get("data") or {})

    def without_effect(self, assignments: Sequence[str]) -> list[str]:
        """Names of the settings that are assigned, but have no effect beside the others that these settings hold.

        Args:
            assignments: As for :meth:`override`, which was called with them.
        """
        unused = {f"data.{key}" for key in self.data.unused & self.assigned_data(assignments)}
        train = _Layer.of_assignments(assignments, type(self)).settings.get("train") or {}
        if "folds" in (train.get("protocol") or {}) and self.train.protocol.kind != "kfold":
            unused.add("train.protocol.folds")
        return sorted(unused)

    def to_yaml(self) -> str:
        """The settings as YAML, every default written out."""
        return write_settings(self.model_dump(mode="json"))

    def _updated(self, layer: "_Layer", where: str) -> Self:
        settings = layer.settings
        if layer.flat:
            try:
                settings = settings | {"train": flat_keys.combine(settings.get("train") or {}, layer.flat)}
            except ValueError as error:
                raise ATMGCNError(f"{where}: train.{error}") from error
        if not settings:
            return self
        own, model = self.model_dump(), settings.get("model")
        name = model.get("name") if isinstance(model, dict) else None
        if name not in (None, self.model.name):
            kept = section_for({"name": name}).model_fields.keys() - {"name", "input"}
            own["model"] = {key: value for key, value in own["model"].items() if key in kept}
        return self.checked(merged(own, settings), where)


class _Layer(NamedTuple):
    """Nested settings, with those under flat keys apart; see :mod:`atm_gcn.config.flat_keys`."""

    settings: dict[str, Any]
    flat: dict[str, Any]

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        if not isinstance(settings.get("train"), dict):
            return cls(settings, {})
        train, flat = flat_keys.separate(settings["train"])
        return cls(settings | {"train": train}, flat)

    @classmethod
    def of_assignments(cls, assignments: Sequence[str], root: type[RunConfig]) -> Self:
        settings: dict[str, Any] = {}
        flat: dict[str, Any] = {}
        for assignment in assignments:
            layer = cls.of(nested(assignment, root))
            settings, flat = merged(settings, layer.settings), merged(flat, layer.flat)
        return cls(settings, flat)
