"""IPA of a text and its recording: a boundary at every word, whichever engine wrote the phones."""

import importlib.util

import pytest

from alignment.pronunciations import phones_by_word
from ipa_generation.generate import Generator
from shared.errors import InvalidInputError, NoSpeechError
from shared.g2p.dictionary import Dictionary
from shared.phonology.ipa import parse_ipa
from shared.recognizers.base import Transcription
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from shared.serving.settings import Settings
from tests.support.data import DATA, POWSM_MINI, SHARED_DATA, Clip

PROMPTS = SHARED_DATA / "native_prompts"
needs_prompts = pytest.mark.skipif(not PROMPTS.exists(), reason=f"needs the recordings in {PROMPTS}")
needs_powsm = pytest.mark.skipif(not importlib.util.find_spec("espnet2"), reason="the powsm extra is not installed")

CLIPS = [path.stem for path in sorted(DATA.glob("librivox_*.wav"))]
# Prompts with elisions and assimilations at word ends: first in, next available; then press, pound.
ELISIONS = ("queue-youarenext", "vm-then-pound", "vm-rec-unv")


@pytest.fixture(scope="module")
def embedded() -> Generator:
    return Generator(Settings())


@pytest.fixture(scope="module")
def powsm() -> Generator:
    return Generator(Settings(recognizer="powsm", powsm_model=str(POWSM_MINI)))


@pytest.fixture(params=["embedded", pytest.param("powsm", marks=needs_powsm)])
def generator(request: pytest.FixtureRequest) -> Generator:
    generator: Generator = request.getfixturevalue(request.param)
    return generator


def number_of_words(phones: list[str]) -> int:
    return len("".join(phones).split(" "))


@pytest.mark.parametrize("name", CLIPS)
def test_a_recording_has_the_words_of_its_text(generator: Generator, name: str) -> None:
    text = (DATA / f"{name}.txt").read_text(encoding="utf-8")
    phones = generator.generate(text, str(DATA / f"{name}.wav")).phones
    assert number_of_words(phones) == len(text.split())


@needs_powsm
def test_an_elided_word_keeps_its_place(powsm: Generator) -> None:
    # The reader, and so the checkpoint, elides the second *a* of "a more a amiable woman".
    text = (DATA / "librivox_0920.txt").read_text(encoding="utf-8")
    assert "".join(powsm.generate(text, str(DATA / "librivox_0920.wav")).phones) == (
        "hæd hi mɛɹid ə mɔɹ ə eɪmiəbəl wʊmən hi maɪt hæv bɪn meɪd stɪl mɔɹ ɹɪspɛktəbəl ðən hi wɑz"
    )


@needs_prompts
@pytest.mark.parametrize("name", ELISIONS)
def test_words_keep_their_number_where_their_ends_are_elided(
    generator: Generator, dictionary: Dictionary, name: str
) -> None:
    # The small checkpoint was not trained on these: its phones are wrong, their number of words is not.
    lines = (PROMPTS / "texts.tsv").read_text(encoding="utf-8").splitlines()
    text = dict(line.split("\t") for line in lines)[f"{name}.opus"]
    phones = generator.generate(text, str(PROMPTS / f"{name}.opus")).phones
    assert number_of_words(phones) == len(dictionary.pronounce(text))


@pytest.mark.parametrize(
    ("text", "recording", "words"),
    [
        ("next day", "nɛksdeɪ", "nɛks deɪ"),
        ("old man", "oʊlmæn", "oʊl mæn"),
        ("last time", "læstaɪm", "læs taɪm"),
        ("good day", "ɡʊdeɪ", "ɡʊ deɪ"),
        ("ten people", "tɛmpipəl", "tɛm pipəl"),
        ("ten cars", "tɛŋkɑɹz", "tɛŋ kɑɹz"),
        ("hand bag", "hæmbæɡ", "hæm bæɡ"),
        ("this shop", "ðɪʃʃɑp", "ðɪʃ ʃɑp"),
        ("this shop", "ðɪʃɑp", "ðɪ ʃɑp"),
        ("as you know", "əʒjənoʊ", "əʒ jə noʊ"),
        ("in the house", "ɪnnəhaʊs", "ɪn nə haʊs"),
        ("did you eat", "dɪdʒuit", "dɪd͡ʒ u it"),
        ("want to go", "wɑnəɡoʊ", "wɑn ə ɡoʊ"),
        ("rock and roll", "ɹɑknɹoʊl", "ɹɑk n ɹoʊl"),
        ("he has his own", "hizɪzoʊn", "hi z ɪz oʊn"),
        ("her own", "hɜ˞oʊn", "hɜ˞ oʊn"),
        ("the other one", "ðʌðɜ˞wʌn", "ð ʌðɜ˞ wʌn"),
    ],
)
def test_words_end_where_their_phones_do(dictionary: Dictionary, text: str, recording: str, words: str) -> None:
    phones = phones_by_word([word.pronunciations for word in dictionary.pronounce(text)], parse_ipa(recording))
    assert " ".join(map("".join, phones)) == words


@pytest.mark.parametrize(("recording", "words"), [("kʌpti", "kʌp ə ti"), ("kʌp", "kʌp ə ti"), ("ti", "kʌp ə ti")])
def test_an_elided_word_has_its_shortest_pronunciation(dictionary: Dictionary, recording: str, words: str) -> None:
    phones = phones_by_word([word.pronunciations for word in dictionary.pronounce("cup of tea")], parse_ipa(recording))
    assert " ".join(map("".join, phones)) == words


def test_a_text_in_another_language_needs_a_recording(generator: Generator) -> None:
    with pytest.raises(InvalidInputError, match="without a recording the only language is `eng`; send a recording"):
        generator.generate("junger Mann", None, "deu")


@needs_powsm
def test_a_text_in_another_language_has_no_dictionary_and_no_boundaries(powsm: Generator) -> None:
    phones = powsm.generate("junger Mann", str(DATA / "librivox_0880.wav"), "deu").phones
    assert phones
    assert " " not in phones


def test_the_embedded_engine_knows_no_other_language(embedded: Generator) -> None:
    with pytest.raises(InvalidInputError, match="moonshine reads no text, so the only language is `eng`"):
        embedded.generate("junger Mann", str(DATA / "librivox_0880.wav"), "deu")


def test_a_recording_without_a_phone_is_refused(
    embedded: Generator, recognizer: EmbeddedRecognizer, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = Transcription([], recognizer.transcribe(clip.audio).posteriors)
    monkeypatch.setattr(EmbeddedRecognizer, "transcribe", lambda *_: nothing)
    with pytest.raises(NoSpeechError, match="no phone; send a clearer one, or the text alone"):
        embedded.generate(clip.text, str(DATA / "librivox_0880.wav"))
