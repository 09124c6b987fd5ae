"""Boosted trees as scikit-learn fits them, evaluated with numpy."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the dev extra is not installed")

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from tests.benchmarks.phone_scorers import OPTIONS, scaled, to_trees


@pytest.mark.parametrize("model", [HistGradientBoostingRegressor, HistGradientBoostingClassifier])
def test_trees_are_those_of_scikit_learn(
    model: type[HistGradientBoostingClassifier | HistGradientBoostingRegressor],
) -> None:
    rows = np.random.default_rng(0).normal(size=(400, 5)).round(3)
    wanted = rows[:, 0] * rows[:, 1] + rows[:, 2] > 0.5
    fitted = model(**OPTIONS | {"max_iter": 20}).fit(rows, wanted)
    theirs = fitted.decision_function(rows) if hasattr(fitted, "decision_function") else fitted.predict(rows)
    assert to_trees(fitted)(rows) == pytest.approx(theirs, abs=1e-4)
    assert scaled(to_trees(fitted), 0.5, 3)(rows) == pytest.approx(0.5 * theirs + 3, abs=1e-4)
