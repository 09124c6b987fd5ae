"""The topology of a Kaldi acoustic model: the states of each phone."""

import struct

MARKER, END_MARKER = b"<Topology> ", b"</Topology> "
NO_PDF = -1  # of a state that emits nothing, as the last one


def num_states(model: bytes) -> dict[int, int]:
    """Returns the number of states that emit, of each phone id of a `final.mdl`; nothing for one that is not binary.

    Layout: Kaldi's `HmmTopology::Write` (hmm/hmm-topology.cc): the phones, the
    entry of each, and the entries, each a list of states with their pdf class and transitions.
    """
    start = model.find(MARKER)
    if not model.startswith(b"\0B") or start < 0:
        return {}
    reader = _Reader(model, start + len(MARKER))
    phones, entry_of_phone = reader.integers(), reader.integers()
    num_entries = reader.number()
    has_self_loop_class = num_entries == NO_PDF
    if has_self_loop_class:
        num_entries = reader.number()
    emitting = [
        sum(pdf_class != NO_PDF for pdf_class in reader.pdf_classes(has_self_loop_class)) for _ in range(num_entries)
    ]
    return {phone: emitting[entry_of_phone[phone]] for phone in phones}


class _Reader:
    """Reads Kaldi's binary numbers, each after a byte that is its size."""

    def __init__(self, content: bytes, offset: int) -> None:
        self._content, self._offset = content, offset

    def number(self) -> int:
        """Returns an int32."""
        return int(self._take("<xi")[0])

    def integers(self) -> list[int]:
        """Returns a vector of int32."""
        (length,) = self._take("<xi")
        return list(self._take(f"<{length}i"))

    def pdf_classes(self, has_self_loop_class: bool) -> list[int]:
        """Returns the pdf class of each state of an entry."""
        classes = []
        for _ in range(self.number()):
            classes.append(self.number())
            if has_self_loop_class:
                self.number()
            for _ in range(self.number()):
                self._take("<xixf")  # a state that a transition leads to, and its probability
        return classes

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self._content, self._offset)
        self._offset += struct.calcsize(layout)
        return values
