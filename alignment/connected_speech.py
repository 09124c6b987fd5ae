"""What speakers of English do to sounds in running speech: differences from the dictionary that are no errors."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from alignment.edit_distance import EditOperation
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import is_vowel, read_phones
from shared.phonology.weak_forms import WEAK_FORMS

VOWEL, CONSONANT, ANY, SAME = "vowel", "consonant", "any", "same"
WEAK_FORM, ANOTHER_PRONUNCIATION = "weak form", "another pronunciation"


class Process(NamedTuple):
    """A change of one phone, where it is no error, and who says so.

    `expected` and `actual` are as in an edit operation, several phones apart by spaces, or None. `before` and `after`
    are the target's phones that it takes on each side: phones, a class of them, or the expected phone itself once
    more. `where` is what it takes of words: that one ends after the phone, and another follows.
    """

    name: str
    expected: str | None
    actual: str | None
    before: str
    after: str
    where: Literal["anywhere", "word end"]
    source: str


LADEFOGED = "Ladefoged & Johnson, A Course in Phonetics, 7th ed., ch. 3"
CRUTTENDEN = "Cruttenden, Gimson's Pronunciation of English, 8th ed., ch. 12"
PROCESSES = (
    Process("flapping: city, get it", "t d", "ɾ", VOWEL, VOWEL, "anywhere", LADEFOGED),
    Process("flapping: party", "t d", "ɾ", "ɹ ɜ˞", VOWEL, "anywhere", LADEFOGED),
    Process("glottal stop: football, what now", "t", "ʔ", VOWEL, CONSONANT, "anywhere", LADEFOGED),
    Process("elision: next day, old man", "t d", None, CONSONANT, CONSONANT, "word end", CRUTTENDEN),
    Process("one long consonant: this sound", CONSONANT, None, ANY, SAME, "word end", CRUTTENDEN),
    Process("linking: see it", None, "j", "i ɪ", VOWEL, "word end", CRUTTENDEN),
    Process("linking: do it", None, "w", "u ʊ", VOWEL, "word end", CRUTTENDEN),
    Process("linking: far away, law and", None, "ɹ", "ə ɑ ɔ ɜ", VOWEL, "word end", CRUTTENDEN),
    Process("assimilation: ten people", "n", "m", ANY, "p b m", "word end", CRUTTENDEN),
    Process("assimilation: ten cars", "n", "ŋ", ANY, "k ɡ", "word end", CRUTTENDEN),
    Process("assimilation: this shop, this year", "s", "ʃ", ANY, "ʃ j", "word end", CRUTTENDEN),
    Process("assimilation: those shops, as you", "z", "ʒ", ANY, "ʃ j", "word end", CRUTTENDEN),
    Process("stop between: prince, tenth", None, "t", "n", "s θ", "anywhere", LADEFOGED),
    Process("stop between: warmth, something", None, "p", "m", "θ f", "anywhere", LADEFOGED),
    Process("stop between: length", None, "k", "ŋ", "θ s", "anywhere", LADEFOGED),
)


def explanations(
    operations: Sequence[EditOperation],
    actual: Sequence[str],
    words: Sequence[Sequence[str]],
    pronunciations: Sequence[Sequence[Sequence[str]]] = (),
) -> dict[EditOperation, str]:
    """Returns, for each operation that is no error, the process of running speech or the form of a word that it is.

    `actual` are the phones pronounced, `words` the target's, all normalized; `pronunciations` [words][pronunciations]
    are other forms of each word, where the words are known. Where every word has one phone, the spaces are between
    phones, and nothing is known of words.
    """
    target = list(itertools.chain.from_iterable(words))
    words_known = bool(pronunciations) or any(len(word) > 1 for word in words)
    lengths = [len(word) for word in words] if words_known else [len(target)]
    starts = [0, *itertools.accumulate(lengths)]
    explained: dict[EditOperation, str] = {}
    for index, (start, end) in enumerate(itertools.pairwise(starts)):
        others = pronunciations[index] if pronunciations else ()
        forms = dict.fromkeys((tuple(canonical_form(other)) for other in others), ANOTHER_PRONUNCIATION)
        forms |= dict.fromkeys(_weaker_forms().get(tuple(canonical_form(target[start:end])), ()), WEAK_FORM)
        explained |= _explained_by_form(operations, actual, forms, start, end)
    for operation in operations:
        for process in PROCESSES:
            if operation not in explained and _explains(process, operation, target, set(starts[1:-1])):
                explained[operation] = process.name
    return explained


def _explains(process: Process, operation: EditOperation, target: Sequence[str], word_starts: set[int]) -> bool:
    after = operation.position + (operation.expected is not None)
    before = operation.position - 1
    return (
        _is_one_of(operation.expected, process.expected)
        and _is_one_of(operation.actual, process.actual)
        and before >= 0
        and after < len(target)
        and _is_one_of(target[before], process.before)
        and _is_one_of(target[after], operation.expected if process.after == SAME else process.after)
        and (process.where == "anywhere" or after in word_starts)
    )


def _is_one_of(phone: str | None, phones: str | None) -> bool:
    """Whether a phone is among phones apart by spaces, or in a class of them; None is among None."""
    if phone is None or phones is None:
        return phone is phones
    if phones in (VOWEL, CONSONANT):
        return is_vowel(phone) == (phones == VOWEL)
    return phones == ANY or phone in phones.split()


def _explained_by_form(
    operations: Sequence[EditOperation],
    actual: Sequence[str],
    forms: Mapping[tuple[str, ...], str],
    start: int,
    end: int,
) -> dict[EditOperation, str]:
    """Returns the operations within a word, target phones `start` up to `end`, that was pronounced in one of its forms.

    `forms` names each form. A phone inserted at the word's edge belongs to it or to the neighbour: both are tried.
    """
    first = start + _phones_more([o for o in operations if o.position < start])
    leading = [o for o in operations if o.position == start and o.expected is None]
    inside = [o for o in operations if start <= o.position < end and o not in leading]
    trailing = [o for o in operations if o.position == end and o.expected is None]
    for skipped, taken in itertools.product(range(len(leading) + 1), range(len(trailing) + 1)):
        within_word = [*leading[skipped:], *inside, *trailing[:taken]]
        length = end - start + _phones_more(within_word)
        form = forms.get(tuple(canonical_form(actual[first + skipped : first + skipped + length])))
        if form:
            return dict.fromkeys(within_word, form)
    return {}


def _phones_more(operations: Sequence[EditOperation]) -> int:
    """Returns how many phones more than the target operations make."""
    return sum((o.expected is None) - (o.actual is None) for o in operations)


@functools.cache
def _weaker_forms() -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """Returns, for each form of a function word, the forms that are weaker."""
    weaker: defaultdict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for forms in WEAK_FORMS.values():
        # Of forms that count as the same, the weakest: was is wʌz or wəz, so wɑz in place of it is no weaker form.
        weakest_first = dict.fromkeys(tuple(canonical_form(read_phones(form))) for form in reversed(forms.split()))
        spelled = list(weakest_first)[::-1]
        for index, form in enumerate(spelled):
            weaker[form].update(spelled[index + 1 :])
    return dict(weaker)
