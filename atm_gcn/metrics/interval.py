"""The 95 % interval of a score over subjects: which scores the same model could have had on other people."""

from math import exp, lgamma, pi, sqrt

import numpy as np

from atm_gcn.metrics.recognition import SCORES, scores_of

LEVEL = 0.95
DRAWS = 2_000  # at which a standard error is known to 1.6 %


def score_interval(confusions: np.ndarray, seed: int = 0) -> dict[str, tuple[float, float]]:
    """The 95 % intervals of UF1, UAR and accuracy over subjects.

    The standard error is that of a bootstrap over subjects, each drawn with all its clips and seeds, but at least that
    of as many independent clips. The interval is symmetric on the logit scale, with Student's t for S - 1 degrees of
    freedom: percentiles of so few subjects cover the true score too rarely. UF1 and UAR of a resample are means over
    the classes that occur in it, since a class that was not drawn says nothing about the model; a class without any
    clip counts 0, as in the score itself.

    Args:
        confusions: Confusion matrices of every subject and seed, ``[S, num_seeds, C, C]``.
        seed: Seed of the bootstrap.

    Returns:
        Lower and upper end of ``uf1``, ``uar`` and ``acc``; 0 and 1 for a single subject.
    """
    num_subjects = len(confusions)
    if num_subjects == 1:
        return dict.fromkeys(SCORES, (0.0, 1.0))
    pooled, top = confusions.sum(axis=0), highest(confusions)  # [num_seeds, C, C], [3]
    rng = np.random.default_rng(seed)
    error = np.maximum(_error_over_subjects(confusions, rng), _error_over_clips(pooled, rng))
    half_widths, score = t_quantile(num_subjects - 1) * error, scores_of(pooled).mean(axis=0) / top
    ends = [interval_ends(*pair, num_subjects) for pair in zip(score.tolist(), half_widths.tolist(), strict=True)]
    return {name: (low * most, high * most) for name, (low, high), most in zip(SCORES, ends, top.tolist(), strict=True)}


def highest(confusions: np.ndarray) -> np.ndarray:
    """The highest UF1, UAR and accuracy that these clips allow, ``[3]``: less than 1 if a class has no clip."""
    occurring = (confusions.sum(axis=(0, 1, 3)) > 0).mean()
    return np.array([occurring, occurring, 1.0])


def drawn_subjects(num_subjects: int, rng: np.random.Generator) -> np.ndarray:
    """How often each subject is in each resample: float64 ``[DRAWS, num_subjects]``."""
    return rng.multinomial(num_subjects, np.full(num_subjects, 1 / num_subjects), size=DRAWS).astype(np.float64)


def resampled_scores(confusions: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """UF1, UAR and accuracy of every resample, means over seeds and over the classes that occur in it.

    Args:
        confusions: Confusion matrices of every subject and seed, ``[S, num_seeds, C, C]``.
        drawn: Of :func:`drawn_subjects`, ``[DRAWS, S]``.

    Returns:
        float64 ``[DRAWS, 3]`` in [0, 1], as shares of :func:`highest`.
    """
    counts = drawn @ confusions.reshape(len(confusions), -1)  # exact: whole numbers
    return _scores_of_occurring(counts.reshape(len(drawn), *confusions.shape[1:])).mean(axis=1)


def small_sample_factor(num_subjects: int) -> float:
    """What the standard deviation over resamples is multiplied by: they vary by S - 1 of S parts."""
    return sqrt(num_subjects / (num_subjects - 1))


def t_quantile(degrees: int) -> float:
    """The value that Student's t exceeds in absolute value with probability 1 - :data:`LEVEL`."""
    t = np.linspace(0, 15, 150_001)
    factor = exp(lgamma((degrees + 1) / 2) - lgamma(degrees / 2)) / sqrt(degrees * pi)
    density = factor * (1 + t**2 / degrees) ** (-(degrees + 1) / 2)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * t[1])])
    return float(np.interp(LEVEL / 2, below, t))


def _error_over_subjects(confusions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Standard error ``[3]`` of the scores between samples of as many subjects."""
    drawn = drawn_subjects(len(confusions), rng)
    return resampled_scores(confusions, drawn).std(axis=0) * small_sample_factor(len(confusions))


def _error_over_clips(pooled: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Standard error ``[3]`` of the scores between samples of as many independent clips; mean over seeds."""
    num_seeds = len(pooled)
    clips = int(pooled[0].sum())
    drawn = rng.multinomial(clips, pooled.reshape(num_seeds, -1) / clips, size=(DRAWS, num_seeds))
    return _scores_of_occurring(drawn.reshape(DRAWS, *pooled.shape)).std(axis=0).mean(axis=0)


def _scores_of_occurring(confusions: np.ndarray) -> np.ndarray:
    """Like :func:`scores_of`, with UF1 and UAR as means over the classes that have clips."""
    share = (confusions.sum(axis=-1) > 0).mean(axis=-1, keepdims=True)
    return scores_of(confusions) / np.concatenate([share, share, np.ones_like(share)], axis=-1)


def interval_ends(score: float, half_width: float, num_subjects: int) -> tuple[float, float]:
    """The ends of an interval of a score in [0, 1] that is symmetric on the logit scale."""
    if not 1e-9 < score < 1 - 1e-9:  # 0 or 1
        # No resample differs. If a share p of all people had this score, S of them would with probability p^S.
        least = ((1 - LEVEL) / 2) ** (1 / num_subjects)
        return (least, 1.0) if score > 0.5 else (0.0, 1 - least)
    odds, factor = score / (1 - score), exp(min(half_width / (score * (1 - score)), 700.0))
    return odds / (odds + factor), odds / (odds + 1 / factor)
