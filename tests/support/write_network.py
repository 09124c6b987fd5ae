"""Writes the picture of a decoding network, of *get it* with its flap: `make network`."""

import itertools
from collections.abc import Iterator

import numpy as np

from alignment.network import Network, build_network
from shared.variation.variant import Variant
from tests.support.data import ROOT

PICTURE = ROOT / "docs" / "network.svg"
WORDS = (("ɡ", "ɛ", "t"), ("ɪ", "t"))
VARIANT = Variant(start=2, end=3, phones=("ɾ",), explained_by="flapping")
LABELS = ("", "ɡ", "ɛ", "t", "ɪ", "ɾ")  # the recognizer's, the blank first

# Pixels.
STEP, RADIUS, LEVEL = 150, 13, 110
WIDTH, HEIGHT = STEP * (sum(map(len, WORDS)) + 1), 205
STYLE = """
text { font: 15px sans-serif; text-anchor: middle }
circle { fill: white; stroke: black }
path { fill: none; stroke: black; marker-end: url(#head) }
.penalty { stroke-dasharray: 5 4 }
"""


def main() -> None:
    """Writes the picture."""
    PICTURE.write_text(picture(), encoding="utf-8")


def picture() -> str:
    """Returns the network as SVG. Every state is between two target phones: the variant has no state of its own."""
    network = build_network(WORDS, [VARIANT], LABELS, np.ones(len(LABELS), dtype=bool))
    chain = list(range(network.final_state + 1))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<style>{STYLE}</style>",
        '<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" style="fill: black; stroke: none; marker-end: none"/></marker>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_pronounced(network),
        *(_arc(*ends, 80, "∅", "penalty") for ends in itertools.pairwise(chain)),
        *map(_insertion, chain),
        *(_state(state, network.between_words[state]) for state in chain),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _pronounced(network: Network) -> Iterator[str]:
    """Yields the arcs that carry a phone: the target's, below each what may replace it, and above the variants'."""
    for end in range(1, len(network.positions)):
        for arc in network.arcs_into(end):
            source, name = int(network.sources[arc]), network.names[arc]
            phones = " ".join("".join(network.phones[column]) for column in np.flatnonzero(network.free[arc]))
            yield _arc(source, end, -80, f"{phones} ({name})") if name else _arc(source, end, 0, phones)
            if network.substitutable[arc]:
                yield _arc(source, end, 36, "other", "penalty")


def _arc(source: int, end: int, depth: int, label: str, kind: str = "free") -> str:
    """Returns an arc from a state to another, `depth` pixels below them in the middle."""
    side = (depth > 0) - (depth < 0)
    start, stop, middle = _x(source) + RADIUS - 3 * abs(side), _x(end) - RADIUS + 3 * abs(side), _x(source) + STEP // 2
    edge, control = LEVEL + 10 * side, LEVEL + 2 * depth - 10 * side  # a parabola is halfway to its control point
    return (
        f'<path class="{kind}" d="M{start} {edge}Q{middle} {control} {stop} {edge}"/>'
        f'<text x="{middle}" y="{LEVEL + depth - 6}">{label}</text>'
    )


def _insertion(state: int) -> str:
    x, top = _x(state), LEVEL - RADIUS
    return (
        f'<path class="penalty" d="M{x - 6} {top + 2}C{x - 30} {top - 45} {x + 30} {top - 45} {x + 6} {top + 2}"/>'
        f'<text x="{x}" y="{top - 38}">+</text>'
    )


def _state(state: int, between_words: bool) -> str:
    radii = (RADIUS, RADIUS - 4) if between_words else (RADIUS,)
    return "".join(f'<circle cx="{_x(state)}" cy="{LEVEL}" r="{radius}"/>' for radius in radii)


def _x(state: int) -> int:
    return STEP * state + STEP // 2


if __name__ == "__main__":
    main()
