"""Scores that need no model: those of drawing classes at random, and of always predicting the largest class."""

from math import exp, lgamma, log

import numpy as np

from atm_gcn.metrics.recognition import SCORES, scores_of


def chance_level(support: np.ndarray) -> dict[str, float]:
    r"""Expected scores of drawing each clip's class at random, by the classes' shares of the clips.

    With :math:`q_i = N_i / N`, accuracy is :math:`\sum_i q_i^2`, and a class's recall :math:`q_i`, so UAR is
    :math:`1/C`. Of the :math:`k` clips that are predicted as class i, :math:`k q_i` belong to it on average, so

    .. math::
        \mathbb{E}[\text{F1}_i] = \sum_{k=0}^{N} \binom{N}{k} q_i^k (1 - q_i)^{N-k} \frac{2 k q_i}{N_i + k},

    which is a little below :math:`q_i`; UF1 is its mean over all C classes.

    Args:
        support: Clips of each class, ``[C]``.

    Returns:
        ``uf1``, ``uar`` and ``acc``, each in [0, 1].
    """
    clips = int(support.sum())
    shares = support / clips
    f1 = [expected_f1(int(count), clips) for count in support]
    return {"uf1": float(np.mean(f1)), "uar": float(shares.mean()), "acc": float((shares**2).sum())}


def largest_class_scores(support: np.ndarray) -> dict[str, float]:
    """Scores of predicting the class with the most clips, the first of several, for every clip.

    Args:
        support: Clips of each class, ``[C]``.

    Returns:
        ``uf1``, ``uar`` and ``acc``, each in [0, 1].
    """
    confusion = np.zeros((len(support), len(support)), np.int64)
    confusion[:, np.argmax(support)] = support
    return dict(zip(SCORES, scores_of(confusion).tolist(), strict=True))


def expected_f1(count: int, clips: int) -> float:
    """Expected F1 of a class of ``count`` of the clips that is drawn for each clip with its share as probability."""
    if count in (0, clips):
        return float(count == clips)
    share = count / clips
    total = 0.0
    for k in range(1, clips + 1):
        choose = lgamma(clips + 1) - lgamma(k + 1) - lgamma(clips - k + 1)
        total += exp(choose + k * log(share) + (clips - k) * log(1 - share)) * 2 * k * share / (count + k)
    return total
