"""The processes and weak forms of connected speech are no errors; other differences are."""

import pytest

from alignment.connected_speech import explanations
from alignment.edit_distance import edit_operations
from alignment.phone_set import match_target_notation
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import read_phones, read_words


def errors(heard: str, target: str) -> list[tuple[str | None, str | None]]:
    words = [[normalize(phone) for phone in word] for word in read_words(target)]
    meant = [phone for word in words for phone in word]
    phones = [normalize(phone) for phone in match_target_notation(read_phones(heard), read_phones(target))]
    operations = edit_operations(phones, meant)
    explained_by = explanations(operations, phones, words)
    return [(operation.expected, operation.actual) for operation in operations if operation not in explained_by]


@pytest.mark.parametrize(
    ("target", "heard"),
    [
        ("sɪti", "sɪɾi"),
        ("pɑɹti", "pɑɹɾi"),
        ("ɡɛt ɪt", "ɡɛɾɪt"),
        ("fʊtbɔl", "fʊʔbɔl"),
        ("nɛkst deɪ", "nɛksdeɪ"),
        ("oʊld mæn", "oʊlmæn"),
        ("ðɪs saʊnd", "ðɪsaʊnd"),
        ("si ɪt", "sijɪt"),
        ("du ɪt", "duwɪt"),
        ("fɑ əweɪ", "fɑɹəweɪ"),
        ("tɛn pipəl", "tɛmpipəl"),
        ("tɛn kɑɹz", "tɛŋkɑɹz"),
        ("ðɪs ʃɑp", "ðɪʃʃɑp"),
        ("æz ju", "æʒju"),
        ("pɹɪns", "pɹɪnts"),
        ("wɔɹmθ", "wɔɹmpθ"),
        ("lɛŋθ", "lɛŋkθ"),
    ],
)
def test_a_process_of_running_speech_is_no_error(target: str, heard: str) -> None:
    assert errors(heard, target) == []


@pytest.mark.parametrize(
    ("target", "heard"),
    [("bɹɛd ænd bʌtɚ", "bɹɛdənbʌtɚ"), ("tɛl hɪm", "tɛlɪm"), ("tu ʃɑps", "təʃɑps"), ("fɹʌm hoʊm", "fɹəmhoʊm")],
)
def test_a_function_word_may_be_weak(target: str, heard: str) -> None:
    assert errors(heard, target) == []


@pytest.mark.parametrize(
    ("target", "heard", "error"),
    [
        ("bæd", "bæ", ("d", None)),  # the end of a sentence: no consonant follows
        ("hɪt", "ɪt", ("h", None)),  # no function word
        ("ən ɪl", "ænɪl", ("ə", "æ")),  # strong where the target has it weak
        ("wəz nɑt", "wɑznɑt", ("ə", "ɑ")),
        ("tɑp", "ɾɑp", ("t", "ɾ")),  # no vowel before
        ("tɛn", "tɛm", ("n", "m")),
        ("s i ɪ t", "sijɪt", (None, "j")),  # spaces between phones say nothing of words
        ("sit", "sijt", (None, "j")),
    ],
)
def test_other_differences_are_errors(target: str, heard: str, error: tuple[str | None, str | None]) -> None:
    assert errors(heard, target) == [error]
