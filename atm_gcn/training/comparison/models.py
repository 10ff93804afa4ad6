"""Several models over the same folds and seeds of the same clips: one table, and how far each is from the first."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from atm_gcn.config import MODELS, PeerConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.defaults import Budget
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.metrics import SCORES
from atm_gcn.training.comparison.latex_table import to_latex
from atm_gcn.training.comparison.peeking import table as peeking_table
from atm_gcn.training.comparison.peeking.audit import FoldEpochs, PeekingAudit, audit
from atm_gcn.training.comparison.peeking.figure import draw_peeking
from atm_gcn.training.comparison.rank_figure import draw_ranks
from atm_gcn.training.comparison.ranks import ModelRanks, rank_models
from atm_gcn.training.comparison.record import RECORD, ModelRecord, read_record, write_record
from atm_gcn.training.comparison.runs import PNG, Run, train_all
from atm_gcn.training.comparison.tables import (
    ComparedModel,
    ComparisonRow,
    comparison_rows,
    timings_csv,
    to_csv,
    to_markdown,
    to_text,
)
from atm_gcn.training.results.run_results import RunResults

log = logging.getLogger(__name__)

CSV, MARKDOWN, LATEX = "comparison.csv", "comparison.md", "comparison.tex"
TIMINGS, RANKS = "timings.csv", "ranks.png"
PEEKING_CSV, PEEKING_MARKDOWN, PEEKING_FIGURE = "peeking.csv", "peeking.md", "peeking.png"
TABLES = {
    RECORD: '{\n  "format": 1,',
    CSV: f"model,title,{','.join(SCORES)},",
    MARKDOWN: "| model",
    LATEX: "% needs",
    TIMINGS: "model,seconds_per_fold",
    PEEKING_CSV: "model,",
    PEEKING_MARKDOWN: "| model",
    RANKS: PNG,
    PEEKING_FIGURE: PNG,
}
"""The first characters of what is written, by which it is recognised."""


class Comparison(NamedTuple):
    """A finished comparison.

    Args:
        rows: The table.
        metrics: The content of metrics.json of the first model.
        ranks: Of the models over subjects; None for one model.
        audits: Of every model that is trained in epochs, by its title; empty without an audit.
    """

    rows: list[ComparisonRow]
    metrics: dict[str, Any]
    ranks: ModelRanks | None
    audits: dict[str, PeekingAudit]

    def to_text(self) -> str:
        """The tables for a terminal."""
        audited = [peeking_table.to_text(self.audits)] if self.audits else []
        return "\n\n".join([to_text(self.rows, self.metrics), *audited])


def compare_models(
    configs: Mapping[str, RunConfig], store: ClipStore, out: str | Path, run: Run, budget: Budget, resume: bool = False
) -> Comparison:
    """Train and test every model in its own folder below ``out``, and write the tables and figures there.

    Args:
        configs: From :func:`~atm_gcn.training.settings.resolve`, by the name of the model; the others are compared
            with the first. If ``train.protocol.audit_peeking`` is set, the audit is written too.
        store: The clips.
        out: Folder of the comparison.
        run: Trains or resumes one run.
        budget: How the peers are trained, for the table.
        resume: Resume the runs in ``out``.

    Raises:
        ATMGCNError: Before anything is written, if configs, store and folder do not fit together.
    """
    if any(config.train.protocol.kind == "all" for config in configs.values()):
        raise ATMGCNError('models are compared by test results, and the protocol "all" has none; choose another one')
    first, *others = configs.values()
    for config in others:
        if config.train.protocol != first.train.protocol:
            raise ATMGCNError(
                f"train.protocol of {config.model.name} differs from that of {first.model.name}, and models are "
                "compared over the same folds and seeds; leave train.protocol out of --set-for"
            )
    out = Path(out)
    if resume:
        _check_earlier(out, list(configs))
    folders = {name: out / name for name in configs}

    def begin() -> None:
        write_record(out, [model_record(name, config, store, budget) for name, config in configs.items()])

    train_all(configs, out, folders, store, run, resume, TABLES, MODELS, begin)
    comparison = read_comparison(out)
    _write(comparison, out)
    if first.train.protocol.audit_peeking:
        for row in comparison.rows:
            if row.title not in comparison.audits:
                log.warning("%s has no audit: it was not trained for several epochs", row.title)
    return comparison


def _check_earlier(out: Path, models: list[str]) -> None:
    """Raise an :class:`ATMGCNError` if the comparison in a folder has a model that is not among ``models``."""
    try:
        earlier = [record.model for record in read_record(out)]
    except ATMGCNError:  # none was begun, or its record is damaged and written again
        return
    missing = [name for name in earlier if name not in models]
    if missing:
        raise ATMGCNError(
            f"{out}: also compares {', '.join(missing)}; name all models of the comparison in --models, and further "
            "ones if you like"
        )


def read_comparison(out: str | Path) -> Comparison:
    """The comparison in a folder, from the predictions of its runs.

    Raises:
        ATMGCNError: If there is none, or a run is not finished or was changed.
    """
    out, models, audits = Path(out), [], {}
    for record in read_record(out):
        results = RunResults(out / record.model)
        try:
            _check_run(results, record)
            models.append(
                ComparedModel(
                    metrics=results.metrics,
                    predictions=results.predictions,
                    seconds_per_fold=seconds_per_fold(results),
                    **record.model_dump(),
                )
            )
            epochs = epochs_of(results)
        except ATMGCNError as error:  # whose advice is for a single run
            raise ATMGCNError(str(error).replace("atm-gcn train --resume", "atm-gcn compare --resume")) from error
        if epochs:
            audits[record.title] = audit(epochs, len(results.metrics["class_names"]))
    ranks = rank_models({one.title: one.predictions for one in models}) if len(models) > 1 else None
    return Comparison(comparison_rows(models), dict(models[0].metrics), ranks, audits)


def _check_run(results: RunResults, record: ModelRecord) -> None:
    if not results.folder.is_begun:
        raise ATMGCNError(f"{results.path}: is not trained yet; go on with atm-gcn compare --resume")
    found = results.folder.config.model.name
    if found != record.model:
        raise ATMGCNError(f"{results.path}: holds a run of {found}, not of {record.model}; compare the models again")


def seconds_per_fold(results: RunResults) -> float:
    """Mean time that a fold of a run was trained."""
    return float(np.mean([sum(epoch["seconds"] for epoch in fold.log()) for fold in results.folds]))


def epochs_of(results: RunResults) -> list[FoldEpochs]:
    """What the models of a run predicted after each epoch; empty if it was not logged, or there is one epoch.

    In place of the last epoch stand the run's own predictions, which may be those of another model: of the epoch that
    validation subjects chose, or of the mean of the weights.
    """
    number = {name: place for place, name in enumerate(results.folder.config.model.names)}
    folds = []
    for fold in results.folds:
        rows, log = fold.predictions(), fold.log()
        if len(log) < 2 or not all("held_out" in epoch for epoch in log):
            return []
        predicted = [*(epoch["held_out"] for epoch in log[:-1]), [number[row.predicted] for row in rows]]
        folds.append(
            FoldEpochs(
                fold=fold.record.fold if fold.record else fold.name,
                subjects=[row.subject for row in rows],
                true=np.array([number[row.label] for row in rows]),
                predicted=np.array(predicted),
                seed=fold.seed or 0,
            )
        )
    return folds


def _write(comparison: Comparison, out: Path) -> None:
    rows, metrics, ranks, audits = comparison
    write_text(out / CSV, to_csv(rows))
    write_text(out / MARKDOWN, to_markdown(rows, metrics))
    write_text(out / LATEX, to_latex(rows, metrics))
    write_text(out / TIMINGS, timings_csv(rows))
    for name in (RANKS, PEEKING_CSV, PEEKING_MARKDOWN, PEEKING_FIGURE):  # of an earlier call with other models
        (out / name).unlink(missing_ok=True)
    if ranks:
        draw_ranks(ranks, out / RANKS)
    if audits:
        write_text(out / PEEKING_CSV, peeking_table.to_csv(audits))
        write_text(out / PEEKING_MARKDOWN, peeking_table.to_markdown(audits))
        draw_peeking(audits, out / PEEKING_FIGURE, chance=metrics["chance"]["uf1"])


def model_record(name: str, config: RunConfig, store: ClipStore, budget: Budget) -> ModelRecord:
    """Name, training and costs of a model, which the files of its run do not record."""
    from atm_gcn.training.comparison.costs import costs_of  # imports torch, which a report does not need

    peer = config.model.peer if isinstance(config.model, PeerConfig) else None
    return ModelRecord(
        model=name,
        title=peer.title if peer else "ATM-GCN",
        settings=_training(config, budget),
        **costs_of(config, store)._asdict(),
    )


def _training(config: RunConfig, budget: Budget) -> str:
    peer = config.model.peer if isinstance(config.model, PeerConfig) else None
    if peer and peer.is_fitted_once:
        return "fitted once"
    count = config.train.optim.epochs
    epochs = f"{count} epoch{'' if count == 1 else 's'}"
    if peer is None or peer.training is None or budget == "equal":
        return epochs
    published = peer.training["optim"]["epochs"]
    return f"its authors' training, {epochs}" + (f" instead of {published}" if count != published else "")
