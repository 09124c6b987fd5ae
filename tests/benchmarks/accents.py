"""British and American: `make bench-accents`.

The British rules on words that CMUdict and Britfone or en_UK both have, all of them and each left out; native readers'
words and phrases in their own accent, the other, and either; phones changed to what neither accent has.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np

from alignment.comparison import compare
from alignment.edit_distance import edit_operations
from alignment.phone_pairs import ERRORS
from assessment.scoring import Judgement, judge
from assessment.target import Target, build_target
from shared.ctc.posteriors import Posteriors
from shared.g2p.british import BritishLexicon, BritishRule, apply_rules, british_rules
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Lexicon
from shared.phonology.equivalence import BRITISH_FORMS
from shared.phonology.ipa import parse_ipa
from shared.phonology.languages import ENGLISH, Accent
from shared.recognizers.base import Recognizer
from shared.recognizers.calibration import Calibration, load_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from shared.variation.languages import phonology_of
from tests.benchmarks.changed_targets import changed_targets
from tests.benchmarks.speech import Utterance, read_native, read_words_alone
from tests.support.data import require_shared_data

CHANGE_STEP = 8  # of the changed phones one in so many is tried
ACCENTS: tuple[Accent, ...] = ("us", "gb", "any")

Spoken = Sequence[tuple[Utterance, Posteriors]]


def main() -> None:
    """Prints the tables."""
    require_shared_data("speech", "native_prompts")
    print(date.today().isoformat())
    print_rules()
    recognizer = load_recognizer(read_settings())
    calibration = load_calibration(recognizer.name)
    words = transcribe(read_words_alone(Dictionary()), recognizer)
    print("\nreaders  accent  clips  phones  errors per 100 phones  off target  mean score")
    for group in ("us", "gb"):
        for accent in ACCENTS:
            print_errors([(word, heard) for word, heard in words if word.group == group], accent, calibration)
    native = transcribe(read_native(Dictionary()), recognizer)
    librivox = [(utterance, heard) for utterance, heard in native if utterance.group == "LibriVox"]
    print("\nphones changed to what neither accent has:")
    for name, spoken in (("LibriVox", librivox), ("words alone", words)):
        for accent in ("us", "any"):
            tried, named = np.sum([changes(*each, accent, calibration) for each in spoken], axis=0).tolist()
            print(f"{name:12} {accent:4} {tried:5} named at their place in {named / tried:.1%}")


def print_rules() -> None:
    """Prints the phone error rate of the rules, and by how much it grows without each."""
    american = Lexicon()
    table: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for word, form in BritishLexicon(american).entries():
        table[word].append(sound(form.replace(" ", "")))
    cmudict = {word for word, _ in american.entries()}
    both = {word: american.transcriptions(word)[0] for word in table if word in cmudict}

    def rate(rules: Sequence[BritishRule]) -> tuple[float, float]:
        found = {word: sound(apply_rules(rules, word, ipa)) for word, ipa in both.items()}
        errors = [
            0 if phones in table[word] else min(len(edit_operations(phones, form)) for form in table[word])
            for word, phones in found.items()
        ]
        return sum(errors) / sum(len(table[word][0]) for word in both), float(np.mean([not error for error in errors]))

    rules = british_rules()
    (none, equal), (with_all, equal_with_all) = rate(()), rate(rules)
    print(f"{len(both):,} words: phone error rate {none:.2%} without rules, {with_all:.2%} with all;", end=" ")
    print(f"equal {equal:.1%} and {equal_with_all:.1%}; points more without")
    for left_out in rules:
        more, _ = rate([rule for rule in rules if rule is not left_out])
        print(f"  {left_out.name:45} {100 * (more - with_all):+.3f}")


def sound(ipa: str) -> tuple[str, ...]:
    """Returns IPA as it is compared in British English."""
    return tuple(BRITISH_FORMS.canonical_form(parse_ipa(ipa)))


def transcribe(utterances: Sequence[Utterance], recognizer: Recognizer) -> Spoken:
    """Returns utterances with the posteriors of their recordings."""
    return [(utterance, recognizer.transcribe(utterance.read()).posteriors) for utterance in utterances]


def print_errors(spoken: Spoken, accent: Accent, calibration: Calibration) -> None:
    """Prints what is named of words of a group where an accent is right; recordings have the names of their texts."""
    texts = [utterance.name.removesuffix("_gb").replace("_", " ") for utterance, _ in spoken]
    targets = [build_target(None, text, ENGLISH, accent) for text in texts]
    judged = [judge_as(target, heard, accent, calibration) for target, (_, heard) in zip(targets, spoken, strict=True)]
    phones, errors = sum(len(target.phones) for target in targets), sum(len(each.errors) for each in judged)
    off, score = sum(each.off_target for each in judged), np.mean([each.score for each in judged])
    counts = f"{spoken[0][0].group:8} {accent:7} {len(spoken):5} {phones:7}"
    print(f"{counts} {100 * errors / phones:22.1f} {off:11} {score:11.3f}")


def judge_as(target: Target, heard: Posteriors, accent: Accent, calibration: Calibration) -> Judgement:
    """Returns what is named of a recording with a target where an accent is right."""
    phonology = phonology_of(ENGLISH, accent)
    found = compare(heard, target.words, target.forms, calibration.penalties, phonology, target.accents)
    return judge(found, calibration)


def changes(utterance: Utterance, heard: Posteriors, accent: Accent, calibration: Calibration) -> tuple[int, int]:
    """Returns how many changed targets of a recording were tried, and in how many the error is named at its place.

    What a word is in Britain is no change.
    """
    accents = phonology_of(ENGLISH, "any").forms_in_accents(utterance.words).values()
    british = {sound("".join(form)) for of_words in accents for of_word in of_words for form in of_word}
    changed = [
        (start, target)
        for start, target in changed_targets(utterance, heard.labels)
        if british.isdisjoint(sound("".join(word)) for word in set(target.words) - set(utterance.words))
    ][::CHANGE_STEP]
    named = 0
    for start, target in changed:
        others = phonology_of(ENGLISH, accent).forms_in_accents(target.words)
        words = Target("", list(map(list, target.words)), forms=target.pronunciations, accents=others)
        pairs = judge_as(words, heard, accent, calibration).pairs
        named += any(pair.position == start and pair.status in ERRORS for pair in pairs)
    return len(changed), named


if __name__ == "__main__":
    main()
