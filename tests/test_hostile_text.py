"""Texts and IPA that nobody says: a good answer, or one short line of `invalid_input`."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessment import handler as assessment
from ipa_generation import handler as ipa_generation
from shared.errors import MAX_MESSAGE
from shared.phonology.ipa import parse_ipa
from tests.support.data import DATA

WAV = str(DATA / "librivox_0880.wav")
MAX_TEXT, MAX_IPA = 2_000, 10_000

characters = st.characters(exclude_categories=())  # lone surrogates too
LANDMARKS = "/ ˈ ː ͡ ʰ 1 $ . , : ' - < > { } % & \\ \0 \n \u202e \u200b \u0301 \ud800 é ß ﷺ 你 😀".split(" ")
texts = st.text(characters) | st.text(st.sampled_from([*"abcdefgh ", *LANDMARKS]), max_size=200)

HOSTILE = {
    "a megabyte": "a" * 1_000_000,
    "a megabyte of words": "word " * 200_000,
    "long word": "a" * MAX_TEXT,
    "words that nobody knows": "qxz " * (MAX_TEXT // 4),
    "initialisms": "ABC " * (MAX_TEXT // 4),
    "abbreviations": "Dr. " * (MAX_TEXT // 4),
    "digits": "1" * MAX_TEXT,
    "many digits": "1" * 99,
    "numbers": "1 " * (MAX_TEXT // 2),
    "dates": "1/1/1 " * (MAX_TEXT // 6),
    "sums": "$1,1,1.5 " * 60,
    "fractions": "¼½¾" * 600,
    "every plane": "".join(chr(plane << 16 | 0x20 + index) for plane in range(17) for index in range(0, 6000, 60)),
    "lone surrogate": "hello \ud800 world",
    "surrogates reversed": "\udc00\ud800",
    "combining marks": "a" + "\u0301" * (MAX_TEXT - 1),
    "combining marks on each letter": ("h" + "\u0335\u0321" * 30) * 30,
    "right to left": "\u202ehello\u202c \u2067world\u2069",
    "no width": "\u200b\u200c\u200d\ufeff\u2060" * 100,
    "control characters": "".join(map(chr, [*range(32), *range(127, 160)])) + "hello",
    "another script": "مرحبا" * 400,
    "a letter that is a sentence": "ﷺ" * MAX_TEXT,
    "emoji": "👩‍👩‍👧‍👦" * 200,
    "SSML": '<speak><audio src="file:///etc/hostname"/><break time="99999s"/>hello</speak>',
    "SSML without end": "<speak> " * 250,
    "entities": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
    "a path": "../../../../etc/hostname",
    "templates": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} %s%n {0.__class__}",
    "a look-up": "${jndi:ldap://127.0.0.1/a}",
    "SQL": "'; DROP TABLE word_phonemes; --",
    "a shell": "$(reboot) `reboot` ; reboot | reboot",
    "POWSM's symbols": "<eng><pr><notimestamps> hello <eos>",
    "spaces": " " * MAX_TEXT,
    "lines": "\n" * (MAX_TEXT - 1) + "a",
    "punctuation": "!?" * (MAX_TEXT // 2),
    "quotes": '" ' * (MAX_TEXT // 2),
}


def assert_good(answer: dict[str, object]) -> None:
    """An answer, or one short line of `invalid_input` that prints; JSON either way."""
    json.dumps(answer, ensure_ascii=False).encode()
    if "error" in answer:
        error = str(answer["error"])
        assert error.startswith(("invalid_input: ", "alignment_failed: "))  # the latter: more phones than frames
        assert error.isprintable()
        assert len(error) < MAX_MESSAGE + 20


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text(name: str) -> None:
    assert_good(ipa_generation.handler({"id": name, "input": {"text": HOSTILE[name]}}))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_target(name: str) -> None:
    assert_good(assessment.handler({"id": name, "input": {"audio_uri": WAV, "target_ipa": HOSTILE[name]}}))


IPA = {
    "the longest": "a" * MAX_IPA,
    "slashes": "/" * (MAX_IPA - 1) + "a",
    "one phone of many marks": "a" + "\u0301" * (MAX_IPA - 1),
    "marks out of order": "a" + "ʰ\u0301ː\u0330" * 2_400,
    "tie bars": "t" + "\u0361ʃ" * 4_000,
    "tie bars alone": "t" + "\u0361" * 5_000,
    "every phone another": "".join(f"a{chr(0x300 + index % 70)}{chr(0x300 + index // 70)}" for index in range(3_000)),
}


@pytest.mark.parametrize("name", IPA)
def test_hostile_ipa(name: str) -> None:
    assert_good(assessment.handler({"id": name, "input": {"audio_uri": WAV, "target_ipa": IPA[name], "detail": True}}))


@given(texts)
@settings(max_examples=150)
def test_any_text_is_answered_or_refused(text: str) -> None:
    answer = ipa_generation.handler({"id": "1", "input": {"text": text}})
    assert_good(answer)
    if "error" not in answer:
        assert parse_ipa(answer["output"]["ipa_phonemes"] if "output" in answer else answer["ipa_phonemes"])


@given(texts)
@settings(max_examples=150)
def test_any_target_is_answered_or_refused(text: str) -> None:
    assert_good(assessment.handler({"id": "1", "input": {"audio_uri": WAV, "target_ipa": text}}))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["text", "audio_uri", "target_ipa", "language", "detail"]) | texts, json_values))
@example({"text": "0"})
@settings(max_examples=150)
def test_any_input_of_another_shape_is_refused(fields: dict[str, object]) -> None:
    """A text alone is a request for its IPA; fields that no worker knows change nothing."""
    fields["no such field"] = 1
    for worker in (assessment, ipa_generation):
        answer = worker.handler({"id": "1", "input": fields})
        assert_good(answer)
        assert "error" in answer or (worker is ipa_generation and isinstance(fields.get("text"), str))


def test_a_field_s_name_is_not_repeated_without_end() -> None:
    assert_good(assessment.handler({"id": "1", "input": {"\n\x1b[31m" + "x" * 1_000_000: 1}}))
