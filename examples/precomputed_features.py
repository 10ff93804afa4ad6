"""Train on precomputed features: ``batch.x`` instead of frames.

    python examples/precomputed_features.py

The features may be optical flow, landmarks, or the output of a large frozen network, with one row per frame. Here they
are artificial: twelve numbers per frame for the displacement of six landmarks. The class determines which of them move.
The encoder of the model is not used and not trained.
"""

import math

import torch
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader

from atm_gcn import ATMGCN, ModelConfig

LANDMARKS, CLASSES = 6, 3


def make_clip(label: int, generator: torch.Generator) -> Data:
    """One clip of 8 to 20 frames with noise: the movement rises to the apex and falls."""
    n = int(torch.randint(8, 21, (), generator=generator))  # frames after the onset
    apex = int(torch.randint(n // 3, 2 * n // 3, (), generator=generator))
    time = torch.arange(n)
    strength = torch.exp(-(((time - apex) / (0.2 * n)) ** 2))
    angle = 2 * math.pi * torch.rand((), generator=generator)  # random: only the landmark depends on the class
    x = 0.4 * torch.randn(n, LANDMARKS, 2, generator=generator)
    x[:, label] += strength[:, None] * torch.stack([angle.cos(), angle.sin()])
    x[:, label + CLASSES] += strength[:, None] * torch.stack([angle.sin(), angle.cos()])
    return Data(
        x=x.flatten(1),  # [n, 12]
        pos=time + 2,  # frame index; the onset, which has no row, is frame 1
        global_index=torch.tensor([apex]),  # the row of the apex frame
        y=torch.tensor([label]),
    )


def main(clips: int = 240, epochs: int = 20) -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    dataset = [make_clip(i % CLASSES, generator) for i in range(clips)]
    training, held_out = dataset[: clips * 2 // 3], dataset[clips * 2 // 3 :]

    model = ATMGCN(
        ModelConfig(num_classes=CLASSES, motion_channels=2 * LANDMARKS, hidden_channels=32, num_layers=2, window=1),
        encoder=torch.nn.Identity(),  # not called for batches with x; avoids creating the large default encoder
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch in DataLoader(training, batch_size=16, shuffle=True):  # clips may differ in length
            loss = torch.nn.functional.cross_entropy(model(batch), batch.y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * batch.num_graphs
        if epoch % 5 == 0:
            print(f"epoch {epoch}: loss {total / len(training):.3f}")

    model.eval()
    with torch.no_grad():
        right = sum((model(batch).argmax(1) == batch.y).sum().item() for batch in DataLoader(held_out, batch_size=64))
    print(f"held-out clips: {right} of {len(held_out)} correct (chance: {len(held_out) // CLASSES})")


if __name__ == "__main__":
    main()
