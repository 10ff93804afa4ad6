"""How often do the 95 % intervals of scores and of differences hold the value over all people?

    python -m benchmarks.method.intervals

Samples of people are drawn from populations in which people differ in number of clips, in emotions and in how well they
are recognised. The value over all people is that of a very large sample. Beside the intervals of atm_gcn.metrics stand
those of the percentile bootstrap over subjects, in which a class that a resample lacks counts 0.
"""

from dataclasses import dataclass

import click
import numpy as np

from atm_gcn.metrics import SCORES, paired_permutation_test, score_interval, scores_of

LARGE = 100_000  # people
COLUMNS = ("score", "width", "percentile", "difference")
LINE = "{:<8}{:<28}{:<16}{:<16}{:<16}{:<16}"


@dataclass(frozen=True)
class Population:
    """People of whom clips are predicted.

    Args:
        shares: Share of each class among the clips.
        alike: How alike people are in the classes of their clips: concentration of a Dirichlet distribution.
        accuracy: Share of clips that are predicted correctly, of a typical person.
        spread: Standard deviation of that share's logit over people.
        clips: Mean number of clips of a person; geometrically distributed.
        gain: By how much the logit is higher with the second of two models that are compared.
    """

    shares: tuple[float, ...]
    alike: float
    accuracy: float
    spread: float
    clips: float
    gain: float = 0.5

    def sample(self, people: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Confusion matrices ``[people, 1, C, C]`` of two models on the same clips."""
        shares, count = np.array(self.shares), rng.geometric(1 / self.clips, people)
        mix = rng.dirichlet(self.alike * shares, people)
        support = rng.multinomial(count, mix)  # [people, C]
        logit = np.log(self.accuracy / (1 - self.accuracy)) + rng.normal(0, self.spread, people)
        models = []
        for gain in (0.0, self.gain):
            own = logit + gain + rng.normal(0, self.spread / 2, people)
            right = 1 / (1 + np.exp(-own))
            wrong = np.tile(shares, (len(shares), 1)) * (1 - np.eye(len(shares)))  # by share of the other classes
            wrong /= wrong.sum(axis=1, keepdims=True)
            chances = right[:, None, None] * np.eye(len(shares)) + (1 - right)[:, None, None] * wrong
            models.append(rng.multinomial(support, chances)[:, None])
        return models[0], models[1]


POPULATIONS = {
    "three classes, uneven": Population((0.6, 0.22, 0.18), 6, 0.6, 0.7, 6),
    "three classes, even": Population((1 / 3, 1 / 3, 1 / 3), 60, 0.6, 0.5, 8),
    "three classes, near chance": Population((0.6, 0.22, 0.18), 6, 0.4, 0.4, 6),
    "seven classes": Population((0.3, 0.25, 0.15, 0.1, 0.1, 0.06, 0.04), 6, 0.45, 0.7, 9),
}


def percentile_interval(confusions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The percentile bootstrap over subjects: lower and upper ends, ``[2, 3]``."""
    people = len(confusions)
    drawn = rng.multinomial(people, np.full(people, 1 / people), size=1000)
    resampled = scores_of(np.einsum("ds,s...->d...", drawn, confusions.sum(axis=1)))
    return np.quantile(resampled, [0.025, 0.975], axis=0)


def coverage(population: Population, people: int, samples: int, seed: int) -> dict[str, np.ndarray]:
    """Share of samples whose interval holds the value over all people, ``[3]`` by kind of interval; and the width."""
    rng = np.random.default_rng(seed)
    first, second = (scores_of(side.sum(axis=(0, 1))) for side in population.sample(LARGE, rng))
    held = {name: np.zeros(3) for name in COLUMNS}
    for _ in range(samples):
        one, other = population.sample(people, rng)
        low, high = np.array([score_interval(one)[name] for name in SCORES]).T
        held["score"] += (low <= first) & (first <= high)
        held["width"] += high - low
        low, high = percentile_interval(one, rng)
        held["percentile"] += (low <= first) & (first <= high)
        gaps = paired_permutation_test(other, one).values()
        low, high = np.array([[gap.low, gap.high] for gap in gaps]).T
        held["difference"] += (low <= second - first) & (second - first <= high)
    return {name: total / samples for name, total in held.items()}


@click.command()
@click.option("--samples", default=500, show_default=True, help="Samples of people for each row.")
@click.option("--people", "counts", multiple=True, type=int, default=(5, 10, 25), show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(samples: int, counts: tuple[int, ...], seed: int) -> None:
    """Print how often each interval of UF1, UAR and accuracy holds the value over all people."""
    click.echo(LINE.format("people", "population", "interval", "its width", "percentiles", "difference"))
    for people in counts:
        for name, population in POPULATIONS.items():
            found = coverage(population, people, samples, seed)
            shares = ["/".join(f"{value:.2f}" for value in found[key]) for key in COLUMNS]
            click.echo(LINE.format(people, name, *shares))


if __name__ == "__main__":
    main()
