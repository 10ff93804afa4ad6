"""Holm's correction of p-values for testing several hypotheses at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    r"""Adjust the p-values of a family of tests by the step-down method of Holm (1979).

    With :math:`p_{(1)} \le \ldots \le p_{(m)}`,

    .. math::
        \tilde{p}_{(i)} = \max_{j \le i} \, \min\bigl(1, (m - j + 1) \, p_{(j)}\bigr)

    Rejecting where :math:`\tilde{p} \le \alpha` keeps the probability of any false rejection at most :math:`\alpha`,
    however the tests depend on each other.

    Args:
        p_values: p-value of each of the m tests.

    Returns:
        The adjusted p-values, in the order of ``p_values``.

    Example:
        >>> holm([0.25, 0.0625, 0.5])
        [0.5, 0.1875, 0.5]
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for place, number in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[number]))
        adjusted[number] = largest
    return adjusted
