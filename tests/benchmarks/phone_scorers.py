"""Fits phone scorers to experts' marks: gradient boosted trees, of scikit-learn."""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from shared.recognizers.calibration import PhoneScorer
from shared.recognizers.calibration.trees import Trees

DIGITS = 6  # of each number in a file of trees
DEPTH = 3
# Few, shallow trees of few features each, so that the marks of some hundred utterances are not learnt by heart.
OPTIONS: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.05,
    "max_depth": DEPTH,
    "max_leaf_nodes": 2**DEPTH,
    "max_features": 0.3,
    "max_bins": 63,
    "l2_regularization": 5.0,
    "early_stopping": False,
    "random_state": 0,
}

Floats = npt.NDArray[np.float64]


def fit_phone_scorer(rows: Floats, marks: Floats, wrong: npt.NDArray[np.bool_], weights: Floats) -> PhoneScorer:
    """Returns the phone scorer of phones with features [phones, features], marks as shares of the best, and weights.

    Phones without a mark, NaN, are certain errors: of these, only the probability of an error is fitted.
    """
    marked = ~np.isnan(marks)
    mark = HistGradientBoostingRegressor(**OPTIONS).fit(rows[marked], marks[marked])
    error = HistGradientBoostingClassifier(**OPTIONS).fit(rows, wrong, weights)
    return PhoneScorer(to_trees(mark), to_trees(error))


def to_trees(model: HistGradientBoostingClassifier | HistGradientBoostingRegressor) -> Trees:
    """Returns the trees of a fitted model."""
    parts: list[tuple[list[int], list[float], list[float]]] = []
    for [predictor] in model._predictors:
        columns, thresholds, values = [0] * (2**DEPTH - 1), [0.0] * (2**DEPTH - 1), [0.0] * 2**DEPTH
        _fill(predictor.nodes, 0, 0, columns, thresholds, values)
        parts.append((columns, thresholds, values))
    columns_of, thresholds_of, values_of = map(list, zip(*parts, strict=True))
    return Trees(round(float(model._baseline_prediction[0, 0]), DIGITS), columns_of, thresholds_of, values_of)


def scaled(trees: Trees, weight: float, offset: float) -> Trees:
    """Returns trees whose sums are those of others times a weight, and an offset more."""
    values = [[round(weight * value, DIGITS) for value in leaves] for leaves in trees.values]
    return dataclasses.replace(trees, offset=round(weight * trees.offset + offset, DIGITS), values=values)


def _fill(nodes: Any, node: int, place: int, columns: list[int], thresholds: list[float], values: list[float]) -> None:
    """Fills the places from one on with a node and those below; a leaf above the last level is all leaves below it."""
    is_leaf = bool(nodes[node]["is_leaf"])
    if place >= len(columns):
        values[place - len(columns)] = round(float(nodes[node]["value"]), DIGITS)
        return
    if not is_leaf:
        columns[place] = int(nodes[node]["feature_idx"])
        thresholds[place] = round(float(nodes[node]["num_threshold"]), DIGITS)
    for side in (0, 1):
        child = node if is_leaf else int(nodes[node][("left", "right")[side]])
        _fill(nodes, child, 2 * place + 1 + side, columns, thresholds, values)
