"""Rules of phonology as a table has them, and what they make of words."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_words
from shared.variation.languages import AMERICAN_ENGLISH, BRITISH_ENGLISH, phonology_of
from shared.variation.phonology import GENERIC, Phonology
from shared.variation.rules import STRESSED, UNSTRESSED, Rule, Sound, write_words


def made(notation: str, *words: str) -> list[str]:
    """Returns what a rule makes of words of one-letter phones; before a vowel ˈ or ˘ for the stress of its syllable."""
    rule = Rule("a rule", notation, "", "")
    stressed = (STRESSED, UNSTRESSED)
    sounds = [
        [
            Sound(phone, before if before in stressed else "")
            for before, phone in itertools.pairwise(f" {word}")
            if phone not in stressed
        ]
        for word in words
    ]
    phones = [sound.phone for word in sounds for sound in word]
    return ["".join(variant.of(phones)) for variant in rule.apply(write_words(sounds))]


@pytest.mark.parametrize(
    ("accent", "rule"), [(accent, rule) for accent in (AMERICAN_ENGLISH, BRITISH_ENGLISH) for rule in accent.rules]
)
def test_each_rule_makes_of_its_example_what_that_says(accent: Phonology, rule: Rule) -> None:
    before, after = (parse_words(ipa) for ipa in rule.example.split(" → "))
    target = list(itertools.chain(*before))
    variants = [v.of(target) for v in accent.variants(before, ()) if v.explained_by == rule.name]
    assert canonical_form(itertools.chain(*after)) in map(canonical_form, variants)
    assert rule.source
    assert ":" in rule.name


@pytest.mark.parametrize(
    ("notation", "words", "result"),
    [
        ("t → ɾ / V _ V", ["ata"], ["aɾa"]),
        ("t → ɾ / V _ V", ["at", "a"], []),
        ("t → ɾ / V _ (#) V", ["at", "a"], ["aɾa"]),
        ("t → ɾ / V _ # V", ["ata"], []),
        ("{t d} → ɾ / V _ V", ["atada"], ["aɾada", "ataɾa"]),
        ("∅ → j / i _ # V", ["i", "a"], ["ija"]),
        ("t → ∅ / # _", ["ta", "at"], ["aat"]),
        ("t → ∅ / _ #", ["ta", "at"], ["taa"]),
        ("C1 # C1 → C1 / _", ["at", "ta"], ["ata"]),
        ("C1 # C1 → C1 / _", ["at", "da"], []),
        ("t # j → ʃ / _", ["at", "ja"], ["aʃa"]),
        ("˘a → ə / _", ["ˈata", "˘ata", "ata"], ["ataətaata"]),
        ("a → {ə ɪ} / _", ["a"], ["ə", "ɪ"]),
        ("a → {a ə} / _", ["a"], ["ə"]),
        ("a → ə / ˈV … _ t", ["tˈitkat"], ["titkət"]),
        ("a → ə / ˈV … _ t", ["tˈi", "kat"], []),
        ("t → ɾ / X (X) _", ["at", "kat"], ["aɾkat", "atkaɾ"]),
    ],
)
def test_a_rule_is_read_as_it_is_written(notation: str, words: list[str], result: list[str]) -> None:
    assert made(notation, *words) == result


@pytest.mark.parametrize("notation", ["t → ɾ", "t / V _ V", "t → ɾ / V V", "t → ɾ / V _ _ V"])
def test_what_is_no_rule_is_named(notation: str) -> None:
    with pytest.raises(ValueError, match=f"{notation!r} is not written A → B / L _ R"):
        made(notation, "ata")


words = st.lists(st.lists(st.sampled_from("t d n s j ɹ i ɪ ə ɜ˞ t͡ʃ".split()), min_size=1, max_size=5), min_size=1)


@given(words)
def test_a_variant_is_of_phones_that_there_are_and_differs(target: list[list[str]]) -> None:
    phones = list(itertools.chain(*target))
    for variant in AMERICAN_ENGLISH.variants(target, ()):
        assert 0 <= variant.start <= variant.end <= len(phones)
        assert canonical_form(variant.of(phones)) != canonical_form(phones)


@given(words)
def test_a_language_without_rules_has_no_variants(target: list[list[str]]) -> None:
    assert phonology_of("deu") is GENERIC
    assert GENERIC.variants(target, ()) == []
