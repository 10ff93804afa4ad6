import pytest
import torch
import torch.nn.functional as F

from atm_gcn.peers._parts.resnet18 import BasicBlock, ResNet18


@pytest.mark.parametrize("side", [8, 7])
def test_block_has_a_strided_shortcut(side):
    block, x = BasicBlock(4, 6, stride=2).double().eval(), torch.randn(2, 4, side, side, dtype=torch.float64)
    conv, norm = block.downsample
    features = F.relu(block.bn1(F.conv2d(x, block.conv1.weight, stride=2, padding=1)))
    shortcut = norm(F.conv2d(x, conv.weight, stride=2))
    expected = F.relu(block.bn2(F.conv2d(features, block.conv2.weight, padding=1)) + shortcut)
    assert torch.allclose(block(x), expected)


def test_block_that_keeps_its_size_has_no_parameters_in_the_shortcut():
    block, x = BasicBlock(4, 4, stride=1).eval(), torch.rand(2, 4, 5, 5)
    torch.nn.init.zeros_(block.conv2.weight)
    assert not [name for name in block.state_dict() if "downsample" in name]
    assert torch.equal(block(x), x)


def test_names_are_those_of_torchvision():
    names = {name.rpartition(".")[0] for name in ResNet18().state_dict()}
    blocks = {f"layer{layer}.{block}" for layer in (1, 2, 3, 4) for block in (0, 1)}
    expected = {f"{block}.{part}" for block in blocks for part in ("conv1", "bn1", "conv2", "bn2")}
    expected |= {f"layer{layer}.0.downsample.{part}" for layer in (2, 3, 4) for part in (0, 1)}
    assert names == expected | {"conv1", "bn1"}


@pytest.mark.parametrize(("height", "width", "rows", "columns"), [(64, 96, 2, 3), (33, 32, 2, 1)])
def test_features_have_a_thirty_second_of_the_size(height, width, rows, columns):
    assert ResNet18(4).features(torch.rand(2, 4, height, width)).shape == (2, 512, rows, columns)
