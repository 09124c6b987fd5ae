"""The loss that the embedded engine's head is trained with, where experts say which phone was not pronounced."""

import pytest

torch = pytest.importorskip("torch")

from tests.training.embedded_head import star_ctc_loss  # noqa: E402 # needs PyTorch
from tests.training.recordings import ANOTHER, COLUMNS, PHONES  # noqa: E402

pytestmark = pytest.mark.slow


def test_another_phone_is_whatever_the_right_one_is_not() -> None:
    log_probs = torch.randn(1, 1, len(PHONES) + 1).log_softmax(-1)
    loss = star_ctc_loss(log_probs, torch.tensor([1]), [[COLUMNS["S"] + ANOTHER]])
    assert loss.exp().item() == pytest.approx(1 / (1 - log_probs[0, 0, COLUMNS["S"]].exp().item()), rel=1e-4)


def test_the_gradient_is_the_losss_own() -> None:
    logits = torch.randn(2, 6, len(PHONES) + 1, dtype=torch.double, requires_grad=True)
    phones = [[COLUMNS["DH"], COLUMNS["IH"] + ANOTHER, COLUMNS["S"]], [COLUMNS["IH"], COLUMNS["Z"] + ANOTHER]]
    slope = torch.autograd.grad(star_ctc_loss(logits.log_softmax(-1), torch.tensor([6, 5]), phones), logits)[0]
    with torch.no_grad():
        for place in [(0, 2, COLUMNS["IH"]), (0, 4, COLUMNS["S"]), (1, 3, COLUMNS["Z"]), (1, 0, 0)]:
            step = torch.zeros_like(logits)
            step[place] = 1e-5
            more, less = (
                star_ctc_loss(x.log_softmax(-1), torch.tensor([6, 5]), phones) for x in (logits + step, logits - step)
            )
            assert slope[place].item() == pytest.approx((more - less).item() / 2e-5, abs=1e-6)
