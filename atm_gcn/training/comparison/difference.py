"""The difference between two runs over the same clips and seeds, from their predictions."""

from collections.abc import Sequence

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics.permutation_test import Difference, paired_permutation_test
from atm_gcn.training.results.predictions import Prediction, count_by_subject


def compare(
    first: Sequence[Prediction], second: Sequence[Prediction], class_names: Sequence[str], seed: int = 0
) -> dict[str, Difference]:
    """The difference between two runs, by score; see :func:`~atm_gcn.metrics.paired_permutation_test`.

    Args:
        first: Predictions of one run.
        second: Those of the other.
        class_names: In the order of the logits.
        seed: Seed of the test.

    Returns:
        ``uf1``, ``uar`` and ``acc``.

    Raises:
        ATMGCNError: If the two are not predictions of the same clips with the same seeds.
    """
    check_same_clips(first, second)
    one, other = (np.stack(list(count_by_subject(rows, class_names).values())) for rows in (first, second))
    return paired_permutation_test(one, other, seed)


def check_same_clips(first: Sequence[Prediction], second: Sequence[Prediction]) -> None:
    """Raise an :class:`ATMGCNError` if the two are not predictions of the same clips with the same seeds."""
    tested = [sorted((row.clip, row.subject, row.label, row.seed or 0) for row in rows) for rows in (first, second)]
    if tested[0] != tested[1]:
        raise ATMGCNError("two runs can be compared if both predict the same clips with the same seeds; these do not")
