"""A file of settings. A setting that is another valid one is no damage: what was loaded must be what the file says."""

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import yaml

from atm_gcn.config import RunConfig
from tests.fuzz.mutators import DEPTHS, changed_bytes, changed_json, hostile
from tests.runs import tiny_config

FILE = "config.yaml"
ODD = (
    "2001-99-99", "!!python/object/apply:os.system ['true']", "!!binary x", "!!int x", "&a [*a]", "*nowhere", "<<: 1",
    "? x",
    "0x1F", "1_000", "~", "|\n   x", "'", '"\\ud800"', "\t1", "1e999", "-.inf", ".nan", "{", "[", "1:30", "%TAG ! x",
    "---",
)  # fmt: skip


class Config:
    """Read by :meth:`RunConfig.load`."""

    def make(self, folder: Path) -> None:
        (folder / FILE).write_text(tiny_config().to_yaml())

    def mutate(self, rng: Random, folder: Path) -> bool:
        file = folder / FILE
        text = file.read_text()
        match rng.randrange(5):
            case 0:
                file.write_bytes(changed_bytes(rng, text.encode()))
            case 1:
                content = changed_json(rng, yaml.safe_load(text))
                file.write_bytes(yaml.safe_dump(content).encode("utf-8", "replace"))
            case 2:
                file.write_text(json.dumps(changed_json(rng, yaml.safe_load(text))))
            case 3:
                lines = text.splitlines()
                place = rng.randrange(len(lines))
                value = rng.choice((*ODD, str(hostile(rng))))
                lines[place] = re.sub(r"(:|-).*", lambda found: f"{found[1]} {value}", lines[place], count=1)
                file.write_bytes("\n".join(lines).encode("utf-8", "replace"))
            case _:
                depth = rng.choice(DEPTHS)
                nested = rng.choice(("[" * depth + "]" * depth, "{a: " * depth + "1" + "}" * depth, _many_aliases()))
                file.write_text(f"{text}\nmore: {nested}\n" if rng.random() < 0.5 else nested)
        return True

    def read(self, folder: Path) -> Any:
        config = RunConfig.load(folder / FILE)
        found = config.model_dump()
        for section, key, value in _numbers(folder / FILE):
            assert found[section][key] in (value, str(value)), (
                f"{section}.{key} is {found[section][key]}, the file says {value}"
            )
        again = RunConfig.model_validate(yaml.safe_load(config.to_yaml()))
        assert again == config
        return found


KIND = Config()


def _numbers(file: Path) -> list[tuple[str, str, float]]:
    """The settings that are plain decimal numbers in the file."""
    try:
        content = yaml.safe_load(file.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    if not isinstance(content, dict):
        return []
    text = file.read_text(errors="replace")
    return [
        (section, key, value)
        for section, settings in content.items()
        if isinstance(settings, dict)
        for key, value in settings.items()
        if type(value) in (int, float) and re.search(rf"\b{re.escape(str(key))}: {re.escape(str(value))}\s", text)
    ]


def _many_aliases() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    return "\n" + "\n".join(lines)
