"""A finished run: damaged files, files of other folds, and forged ones whose digest is right."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import choose_models
from atm_gcn.inference.model_info import describe_model
from atm_gcn.report.content import gather
from atm_gcn.training.preflight import resolve
from atm_gcn.training.results.fold_record import write_record
from atm_gcn.training.results.run_record import RunRecord
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.run import run_folds
from tests.fuzz.mutators import changed_bytes, changed_cells, changed_json, json_text
from tests.runs import tiny_config, tiny_store

NAMES = ("config.yaml", "run.json", "metrics.json", "predictions.csv", "model.safetensors", "log.jsonl", "fold.json")


class Run:
    """Read by ``report``, ``info``, ``predict`` and ``explain``."""

    def make(self, folder: Path) -> None:
        store = tiny_store(folder / "work", subjects=3)
        config = resolve(tiny_config(), tiny_config(), store)
        run_folds(config, store, folder / "run")
        shutil.rmtree(folder / "work")

    def mutate(self, rng: Random, folder: Path) -> bool:
        run = folder / "run"
        name = rng.choice(NAMES)
        file = rng.choice(sorted(run.rglob(name)))
        match rng.randrange(6):
            case 0:
                file.unlink()
            case 1:
                other = rng.choice([one for one in run.rglob("*") if one.is_file() and one != file])
                shutil.copyfile(other, file)
            case 2:
                folds = sorted((run / "folds").iterdir())
                one, other = rng.sample(folds, 2)
                if rng.random() < 0.5:
                    one.rename(run / "other")
                    other.rename(one)
                    (run / "other").rename(other)
                else:
                    shutil.rmtree(one)
                    shutil.copytree(other, one)
            case 3 if file.suffix == ".json":
                file.write_text(json_text(rng, changed_json(rng, json.loads(file.read_text()))))
            case 3 | 4 if file.suffix == ".csv":
                file.write_bytes(changed_cells(rng, file.read_text()).encode("utf-8", "replace"))
            case _:
                file.write_bytes(changed_bytes(rng, file.read_bytes()))
        if rng.random() < 0.6:
            return False
        _sign(run)
        return True

    def read(self, folder: Path) -> Any:
        run = folder / "run"
        results = RunResults(run)
        content = gather(results, folder / "nowhere")
        del content["no_pictures"]  # which names the folder
        facts = [fact for fact in content.pop("facts") if fact[0] not in ("Finished", "Training time")]
        known = describe_model(run)
        chosen = choose_models(run, Query(key="tiny/s1/c1", subject="tiny/s1"))
        return {
            "metrics": results.metrics,
            "predictions": [(row.clip, row.label, row.predicted, row.probabilities) for row in results.predictions],
            "folds": [fold.name for fold in results.folds],
            "report": str(content),
            "facts": str(facts),
            "about": {key: value for key, value in known.items() if key not in ("path", "file")},
            "chosen": (chosen.held_out, [file.read_bytes() for file in chosen.files]),
        }


KIND = Run()


def _sign(run: Path) -> None:
    """Give changed files of a run the digests that they would have had, as far as they are sound enough for it."""
    with suppress(ValueError, TypeError, KeyError, OSError, RecursionError, ATMGCNError):
        record = RunRecord.model_validate_json((run / "run.json").read_bytes())
        record = record.model_copy(update={"config_sha256": file_digest(run / "config.yaml")})
        record = record.model_copy(update={"sha256": record.own_digest()})
        (run / "run.json").write_text(record.model_dump_json())
        for task in record.folds:
            with suppress(ValueError, TypeError, KeyError, OSError, RecursionError, ATMGCNError):
                fold = json.loads((run / "folds" / task.folder / "fold.json").read_text())
                write_record(run / "folds" / task.folder, record.digest, fold["fold"], fold["seed"])
