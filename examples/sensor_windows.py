"""Use TMGCNConv alone, on sensor data: no faces, no encoder, no readout.

    python examples/sensor_windows.py

Ten people wear a device with two channels. Each window has one pulse per channel, with noise; the class is whether the
two pulses coincide. A single reading shows this in part, if the pulses overlap. People differ in the strength of their
pulses and in the noise of their device, and no person is in both the training and the test set. Two baselines are
trained too: the same network on single readings ("pointwise"), and a plain convolution over time ("Conv1d"), which is
as accurate as the graph on evenly spaced readings such as these.
"""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import global_max_pool

from atm_gcn import TMGCNConv
from atm_gcn.graph import build_topology

WINDOW = 2  # neighbours on each side of a reading


def make_window(together: bool, strength: float, noise: float, generator: torch.Generator) -> Data:
    """A window of 30 to 50 readings; the strongest of them is the global node."""
    n = int(torch.randint(30, 51, (), generator=generator))
    first = int(torch.randint(4, n - 14, (), generator=generator))
    places = torch.tensor([first, first + (1 if together else 8)])
    time = torch.arange(n)
    pulses = torch.exp(-(((time[:, None] - places) / 0.7) ** 2))  # [n, 2]
    pulses = pulses[:, torch.randperm(2, generator=generator)]
    readings = strength * pulses + noise * torch.randn(n, 2, generator=generator)
    strongest = int(readings.sum(dim=1).argmax())
    edge_index, _, _ = build_topology(torch.tensor([n]), torch.tensor([strongest]), WINDOW)
    return Data(
        x=torch.cat([readings, torch.ones(n, 1)], dim=1),  # edge weights are angles; the 1 limits the effect of noise
        edge_index=edge_index,
        pos=time,
        global_index=torch.tensor([strongest]),
        y=torch.tensor([int(together)]),
    )


def make_person(windows: int, generator: torch.Generator) -> list[Data]:
    """The windows of one person, equally many of each class."""
    strength = 1.5 + float(torch.rand((), generator=generator))
    noise = 0.1 + 0.1 * float(torch.rand((), generator=generator))
    return [make_window(i % 2 == 0, strength, noise, generator) for i in range(windows)]


class GraphNet(nn.Module):
    """Two TM-GCN layers, global max pooling and a Linear."""

    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.layers = nn.ModuleList([TMGCNConv(3, hidden), TMGCNConv(hidden, hidden)])
        self.classifier = nn.Linear(hidden, 2)

    def forward(self, batch: Data) -> Tensor:
        h = batch.x
        for layer in self.layers:
            h = layer(h, batch.edge_index, pos=batch.pos, global_index=batch.global_index).relu()
        return self.classifier(global_max_pool(h, batch.batch))


class ConvNet(nn.Module):
    """The same with 1D convolutions, over all windows concatenated with zeros between them."""

    def __init__(self, reach: int, hidden: int = 32) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv1d(width, hidden, 2 * reach + 1, padding=reach) for width in (3, hidden))
        self.classifier = nn.Linear(hidden, 2)

    def forward(self, batch: Data) -> Tensor:
        gaps = batch.batch * 2 * WINDOW  # windows are further apart than the kernel reaches
        place = torch.arange(len(batch.x)) + gaps
        h = batch.x
        for layer in self.layers:
            line = h.new_zeros(int(place[-1]) + 1, h.size(1)).index_copy(0, place, h)
            h = layer(line.T)[:, place].T.relu()
        return self.classifier(global_max_pool(h, batch.batch))


def fit(model: nn.Module, training: list[Data], unseen: list[Data], epochs: int) -> float:
    """Train, and return the accuracy on held-out windows."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(epochs):
        for batch in DataLoader(training, batch_size=20, shuffle=True):
            loss = nn.functional.cross_entropy(model(batch), batch.y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        right = sum((model(batch).argmax(1) == batch.y).sum().item() for batch in DataLoader(unseen, batch_size=50))
    return right / len(unseen)


def main(people: int = 10, windows: int = 30, epochs: int = 15) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)
    data = [window for _ in range(people) for window in make_person(windows, generator)]
    seen = people * 2 // 3 * windows  # no person is in both sets
    training, unseen = data[:seen], data[seen:]
    right = {}
    for name, net in (("pointwise", lambda: ConvNet(0)), ("Conv1d", lambda: ConvNet(WINDOW)), ("TMGCNConv", GraphNet)):
        torch.manual_seed(0)
        right[name] = fit(net(), training, unseen, epochs)
        print(f"{name}: accuracy {right[name]:.2f} on {len(unseen)} windows of held-out people (chance: 0.50)")
    return right


if __name__ == "__main__":
    main()
