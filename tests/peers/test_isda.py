import numpy as np
import torch
import torch.nn.functional as F

from atm_gcn.peers._parts.isda import ISDA

SIZES = (5, 1, 8, 3)


def batches(num_classes=4):
    """Random features of all classes but the last."""
    return [(torch.randn(size, 6, dtype=torch.float64), torch.randint(num_classes - 1, (size,))) for size in SIZES]


def test_statistics_are_those_of_all_features_so_far():
    isda, seen = ISDA(6, 4).double(), batches()
    for features, y in seen:
        isda.update(features, y)
    features, y = (torch.cat(parts).numpy() for parts in zip(*seen, strict=True))
    assert isda.class_count.tolist() == np.bincount(y, minlength=4).tolist()
    for label in range(3):
        own = features[y == label]
        assert np.allclose(isda.class_mean[label], own.mean(0))
        assert np.allclose(isda.class_covariance[label], np.cov(own.T, bias=True))
    assert not isda.class_mean[3].any() and not isda.class_covariance[3].any()


def test_logits_by_the_formula():
    isda, fc = ISDA(6, 4).double(), torch.nn.Linear(6, 4).double()
    for features, y in batches():
        logits = fc(features)
        out = isda(logits, features, y, fc.weight, strength=0.3)
        for clip, label in enumerate(y):
            for j in range(4):
                w = fc.weight[j] - fc.weight[label]
                expected = logits[clip, j] + 0.5 * 0.3 * w @ isda.class_covariance[label] @ w
                assert torch.allclose(out[clip, j], expected)


def test_loss_bounds_that_of_features_drawn_at_random():
    isda, fc = ISDA(6, 3).double(), torch.nn.Linear(6, 3).double()
    features, y = torch.randn(40, 6, dtype=torch.float64), torch.randint(3, (40,))
    bound = F.cross_entropy(isda(fc(features), features, y, fc.weight, strength=1.0), y)
    spread = torch.linalg.cholesky(isda.class_covariance)[y]
    noise = torch.randn(4000, 40, 6, 1, dtype=torch.float64)
    drawn = fc(features + (spread @ noise).squeeze(-1))
    assert F.cross_entropy(fc(features), y) < F.cross_entropy(drawn.flatten(0, 1), y.repeat(4000)) < bound


def test_gradients_reach_features_and_weight_but_not_statistics():
    isda, fc = ISDA(6, 4).double(), torch.nn.Linear(6, 4).double()
    features, y = batches()[0]
    features.requires_grad_()
    first = isda(fc(features), features, y, fc.weight, 0.5)
    second = isda(fc(features), features, y, fc.weight, 0.5)  # statistics move before the first goes backwards
    (first.square().sum() + second.square().sum()).backward()
    assert features.grad.any() and fc.weight.grad.any()
    assert not isda.class_covariance.requires_grad


def test_statistics_are_in_the_state_dict():
    assert ISDA(6, 4).state_dict().keys() == {"class_count", "class_mean", "class_covariance"}
