"""British and American: `make bench-accents`.

The British rules on words that CMUdict and Britfone or en_UK both have, all of them and each left out; native readers'
words and phrases in their own accent, the other, and either; changed phones where either accent is right.
"""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import numpy as np

from alignment.comparison import compare
from alignment.edit_distance import edit_operations
from alignment.phone_pairs import ERRORS
from alignment.phone_set import phone_set_of
from assessment.scoring import Judgement, judge
from assessment.target import build_target
from shared.ctc.posteriors import Posteriors
from shared.g2p.british import BritishRule, apply_rules, british_rules, read_table
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Lexicon
from shared.phonology.equivalence import BRITISH_FORMS
from shared.phonology.ipa import parse_ipa
from shared.phonology.languages import ENGLISH, Accent
from shared.recognizers.calibration import Calibration, load_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from shared.variation.languages import phonology_of
from tests.benchmarks.changed_targets import ANOTHER_PHONE, phone_changes
from tests.benchmarks.speech import Utterance, read_native, read_words_alone
from tests.support.data import SHARED_DATA

CHANGE_STEP = 8  # of the changed phones one in so many is tried
Phones = tuple[str, ...]


def main() -> None:
    """Prints the tables."""
    print(date.today().isoformat())
    print_rules()
    settings = read_settings()
    recognizer, calibration = load_recognizer(settings), load_calibration(settings.recognizer)
    words = read_words_alone(Dictionary())
    heard = [(word, recognizer.transcribe(word.read()).posteriors) for word in words]
    texts = dict(
        line.split("\t")[:2] for line in (SHARED_DATA / "native_words" / "texts.tsv").read_text("utf-8").splitlines()
    )
    print(f"\n{'readers':8} {'accent':8} clips phones errors per 100 phones  off target  mean score")
    for group in ("us", "gb"):
        for accent in ("us", "gb", "any"):
            members = [(texts[word.path.name], posteriors) for word, posteriors in heard if word.group == group]
            print_errors(group, accent, members, calibration)
    native = [
        (utterance, recognizer.transcribe(utterance.read()).posteriors) for utterance in read_native(Dictionary())
    ]
    print("\nchanged phones, with the accent any:")
    for name, members in (("LibriVox", [n for n in native if n[0].group == "LibriVox"]), ("words alone", heard)):
        tried, named = np.sum([changes(word, posteriors, calibration) for word, posteriors in members], axis=0)
        print(f"{name:12} {tried:5} named at their place in {named / tried:.1%}")


def print_rules() -> None:
    """Prints the phone error rate of the rules, and by how much it grows without each."""
    american = Lexicon()
    table = {word: [sound(form) for form in forms.split()] for word, forms in read_table().items()}
    both = {word: american.transcriptions(word)[0] for word in table if american.in_cmudict(word)}

    def rate(rules: Sequence[BritishRule]) -> tuple[float, float]:
        found = {word: sound(apply_rules(rules, word, ipa)) for word, ipa in both.items()}
        errors = [
            0 if phones in table[word] else min(len(edit_operations(phones, form)) for form in table[word])
            for word, phones in found.items()
        ]
        return sum(errors) / sum(len(table[word][0]) for word in both), float(np.mean([not error for error in errors]))

    (none, equal), (all_of_them, equal_by_rules) = rate(()), rate(british_rules())
    print(f"{len(both):,} words: phone error rate {none:.2%} without rules, {all_of_them:.2%} with all;", end=" ")
    print(f"equal {equal:.1%} and {equal_by_rules:.1%}; points more without")
    for left_out in british_rules():
        more, _ = rate([rule for rule in british_rules() if rule is not left_out])
        print(f"  {left_out.name:45} {100 * (more - all_of_them):+.3f}")


def sound(ipa: str) -> Phones:
    """Returns IPA as it is compared in British English."""
    return tuple(BRITISH_FORMS.canonical_form(parse_ipa(ipa)))


def print_errors(
    group: str, accent: Accent, members: Sequence[tuple[str, Posteriors]], calibration: Calibration
) -> None:
    """Prints what is named of texts read by natives of a group, where an accent is right."""
    judged = []
    phones = 0
    for text, posteriors in members:
        target = build_target(None, text, ENGLISH, accent)
        phones += len(target.phones)
        phonology = phonology_of(ENGLISH, accent)
        judged.append(
            judge(
                compare(posteriors, target.words, target.forms, calibration.penalties, phonology, target.accents),
                calibration,
            )
        )
    errors = sum(len(judgement.errors) for judgement in judged)
    off, score = sum(j.off_target for j in judged), np.mean([j.score for j in judged])
    print(f"{group:8} {accent:8} {len(members):5} {phones:6} {100 * errors / phones:21.1f} {off:11} {score:11.3f}")


def changes(utterance: Utterance, posteriors: Posteriors, calibration: Calibration) -> tuple[int, int]:
    """Returns how many changed targets of a recording were tried, and in how many the error is named at its place.

    A change to what the word is in Britain is no error.
    """
    forms = phonology_of(ENGLISH, "any").word_forms
    british = {
        tuple(BRITISH_FORMS.canonical_form(form))
        for of_accent in forms.accents(utterance.words).values()
        for of_word in of_accent
        for form in of_word
    }
    spans = phone_set_of(posteriors.labels[1:]).label_spans(utterance.target)
    starts = accumulate((len(span.phones) for span in spans), initial=0)
    changed = [
        (start, target)
        for start, span in zip(starts, spans, strict=False)
        if len(span.phones) == 1
        for target in phone_changes(utterance, start, start + 1, ANOTHER_PHONE)
        if british.isdisjoint(
            tuple(BRITISH_FORMS.canonical_form(word)) for word in target.words if word not in utterance.words
        )
    ][::CHANGE_STEP]
    named = [
        start in {pair.position for pair in judge_any(target, posteriors, calibration).pairs if pair.status in ERRORS}
        for start, target in changed
    ]
    return len(named), sum(named)


def judge_any(utterance: Utterance, posteriors: Posteriors, calibration: Calibration) -> Judgement:
    """Returns what is named of a recording where either accent of an utterance's words is right."""
    phonology = phonology_of(ENGLISH, "any")
    accents = phonology.word_forms.accents(utterance.words)
    found = compare(posteriors, utterance.words, utterance.pronunciations, calibration.penalties, phonology, accents)
    return judge(found, calibration)


if __name__ == "__main__":
    main()
