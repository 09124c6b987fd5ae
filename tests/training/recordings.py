"""The recordings that the embedded engine's head is trained on: features and the columns of their phones.

Learners, a native speaker, and flite's voices, in sentences and in words alone; as they are, with noise, and through
other microphones. Needs Debian's packages `flite`, `fortunes` and `asterisk-core-sounds-en-g722`.
"""

import csv
import functools
import gzip
import itertools
import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import soxr

from alignment.mfa import MfaAligner
from shared.audio.load import load_audio
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.audio.vad import find_speech
from shared.errors import AlignmentFailedError, AudioUndecodableError, InvalidInputError, NoSpeechError
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Lexicon
from shared.phonology.arpabet import ARPABET
from shared.phonology.ipa import parse_ipa
from shared.recognizers.embedded.encoder import Encoder, Features
from tests.benchmarks.speech import held_out_speakers
from tests.training.microphone import through_microphone

PHONES = [name for name in ARPABET if name not in ("AX", "DX", "IX")]
COLUMNS = {name: column for column, name in enumerate(PHONES, start=1)}
VOWELS = [name for name in PHONES if name[0] in "AEIOU"]
CONSONANTS = [name for name in PHONES if name not in VOWELS]

HELD_OUT_PROMPT = 5  # every fifth native prompt is for benchmarks alone
HELD_OUT_WORD = 4  # of the prompts that are a word or two
LEARNERS_SPEEDS = (0.9, 1.1, 1.15, 1.2, 1.3)
NATIVE_SPEEDS = (1.0, 0.9, 1.1, 1.2)
MAX_WORDS_ALONE = 3
MIN_PAUSE = 120 * SAMPLE_RATE // 1000  # samples, at which a sentence is cut into stretches
MIN_STRETCH = SAMPLE_RATE // 5
AFTER_PAUSE = SAMPLE_RATE // 100

PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
PROMPT_TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
FORTUNES = Path("/usr/share/games/fortunes")
FLITE_SENTENCES = 5_000
FLITE_SENTENCES_AGAIN = 2_500  # through another microphone
FLITE_WORDS, FLITE_WORDS_AGAIN = 8_000, 6_000
FLITE_WORDS_SPEEDS = (1.0, 1.0, 0.85, 0.92, 1.08, 1.18, 1.25)
WORDS_IN_A_ROW = (1, 1, 1, 1, 2, 3)
FIRST_WORD = 10_000_000  # the seed of its voice; those of sentences count from 0
FLITE_VOICES = {"slt": 170, "rms": 100, "awb": 120, "kal16": 105}  # mean fundamental frequency, Hz
FLITE_NAMES = {"AX": "AH", "DX": "T", "AXR": "ER"}
FLITE_PAUSES = ("pau", "sil", "ssil")
SHARE_CHANGED = 0.3
DELETED, SUBSTITUTED, INSERTED = 0.04, 0.1, 0.02

FEATURES = 288
SHARE_WIDER = 0.5  # of the recordings that are read with more than a worker's margin around the speech
MAX_WIDER = SAMPLE_RATE // 2  # samples more on each side

# A phone of an expert's marks, as `../shared/so762_scores/README.md` has it: word, phone, score, what was pronounced.
MARKED_PHONE = re.compile(r"(\d+)\.(\d+)[A-Z]+=([\d.]+)(?:>(\S+))?")
ACCENTED = 1.5  # a score below is an error's
DELETED_PHONE = "<DEL>"
# Added to the column of a phone: any other phone, or none.
ANOTHER = len(PHONES)

Encode = Callable[[Samples], Features]
Alter = Callable[[Samples], Samples]
Place = tuple[int, int]
"""A word, and a phone of it."""
Marks = Mapping[str, Mapping[Place, str]]
"""What experts heard in place of each wrong phone of an utterance; "" where they did not say."""


class Recording(NamedTuple):
    """Features [frames, 288] and the columns of the phones, of which some may be `ANOTHER` than the one."""

    features: Features
    phones: list[int]


def all_recordings(learners: Path, native: Path) -> Iterator[Recording]:
    """Yields every recording to train on, from the folders of the learners and of the native speaker."""
    encode = functools.partial(encode_speech, Encoder())
    texts = texts_of(native)
    yield from learners_sentences(learners, encode)
    yield from learners_stretches(learners, encode)
    for alter in (with_noise, through_another_microphone):
        yield from native_prompts(native, texts, encode, alter)
        yield from native_words({Path(file).stem for file in texts}, encode, alter)
    yield from synthetic(sentences()[:FLITE_SENTENCES], encode, with_noise)
    yield from synthetic(sentences()[FLITE_SENTENCES_AGAIN:FLITE_SENTENCES], encode, through_another_microphone)
    yield from synthetic_words(FLITE_WORDS, encode, with_noise)
    yield from synthetic_words(FLITE_WORDS_AGAIN, encode, through_another_microphone)


def marked_recordings(learners: Path, native: Path, marks: Sequence[Path]) -> Iterator[Recording]:
    """Yields the learners' recordings that experts marked, with what was pronounced, and the native speaker's."""
    encode = functools.partial(encode_speech, Encoder())
    yield from marked_sentences(learners, read_marks(marks), encode)
    for alter in (with_noise, through_another_microphone):
        yield from native_prompts(native, texts_of(native), encode, alter)


def encode_speech(encoder: Encoder, audio: Samples) -> Features:
    """Returns the features of the speech in float32 [samples] as a worker crops it, or with more around it.

    There is no frame where nobody speaks.
    """
    try:
        speech = find_speech(audio)
    except NoSpeechError:
        return np.zeros((0, FEATURES), dtype=np.float32)
    if random.random() >= SHARE_WIDER:  # noqa: S311
        return encoder(speech.samples)
    before, after = random.randrange(MAX_WIDER), random.randrange(MAX_WIDER)  # noqa: S311
    return encoder(audio[max(0, speech.start - before) : speech.end + after])


def learners_sentences(folder: Path, encode: Encode) -> Iterator[Recording]:
    """Yields each utterance of a learner as it is, and at other speeds with noise and through another microphone."""
    for file, words in _learners_rows(folder):
        audio = load_audio(str(file))
        phones = [COLUMNS[name] for word in words for name in word]
        yield Recording(encode(audio), phones)
        for alter in (with_noise, through_another_microphone):
            faster = at_speed(audio, random.choice(LEARNERS_SPEEDS))  # noqa: S311
            yield Recording(encode(alter(faster)), phones)


def marked_sentences(folder: Path, marks: Marks, encode: Encode) -> Iterator[Recording]:
    """Yields each marked utterance of a learner as it is, and at another speed with noise or another microphone."""
    for file, words in _learners_rows(folder):
        if file.stem in marks:
            audio, phones = load_audio(str(file)), pronounced(words, marks[file.stem])
            yield Recording(encode(audio), phones)
            alter = random.choice((with_noise, through_another_microphone))  # noqa: S311
            yield Recording(encode(alter(at_speed(audio, random.choice(LEARNERS_SPEEDS)))), phones)  # noqa: S311


def read_marks(files: Sequence[Path]) -> Marks:
    """Returns the wrong phones of each utterance in files of lines like those of `../shared/so762_scores`."""
    lines = itertools.chain.from_iterable(file.read_text(encoding="utf-8").splitlines() for file in files)
    return {
        line.split()[0]: {
            (int(word), int(phone)): heard.rstrip("*")
            for word, phone, score, heard in MARKED_PHONE.findall(line.split("|")[1])
            if float(score) < ACCENTED
        }
        for line in lines
    }


def pronounced(words: Sequence[Sequence[str]], wrong: Mapping[Place, str]) -> list[int]:
    """Returns the columns of what experts heard; of a wrong phone that they did not name, of any but the right one.

    >>> names = [None, *PHONES, *(f"not {name}" for name in PHONES)]
    >>> wrong = {(0, 0): "D", (0, 2): "", (1, 1): "<DEL>"}
    >>> [names[column] for column in pronounced([["DH", "IH", "S"], ["IH", "Z"]], wrong)]
    ['D', 'IH', 'not S', 'IH']
    """
    result = []
    for place, name in [((k, i), name) for k, word in enumerate(words) for i, name in enumerate(word)]:
        heard = wrong.get(place, name)
        if heard != DELETED_PHONE:
            result.append(COLUMNS.get(heard) or COLUMNS[name] + ANOTHER)
    return result


def learners_stretches(folder: Path, encode: Encode) -> Iterator[Recording]:
    """Yields what learners say between two pauses of a sentence, half of it through another microphone."""
    mfa = MfaAligner(runtime="viter")
    for file, words in _learners_rows(folder):
        audio = load_audio(str(file))
        for samples, stretch in between_pauses(mfa, audio, words):
            altered = samples
            if random.random() < 0.5:  # noqa: S311
                altered = through_another_microphone(at_speed(samples, random.choice(LEARNERS_SPEEDS)))  # noqa: S311
            yield Recording(encode(altered), [COLUMNS[name] for word in stretch for name in word])


def _learners_rows(folder: Path) -> Iterator[tuple[Path, list[list[str]]]]:
    """Yields each utterance of the speakers that are not held out: the recording, and the ARPAbet of its words."""
    with (folder / "phones.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    held_out = held_out_speakers(row["speaker"] for row in rows)
    for row in rows:
        if row["speaker"] not in held_out:
            words = [re.sub("[0-9]", "", word).split() for word in row["phones"].split("|")]
            names = [[FLITE_NAMES.get(name, name) for name in word] for word in words]
            yield folder / f"{row['utterance']}.opus", names


def between_pauses(
    mfa: MfaAligner, audio: Samples, words: Sequence[list[str]]
) -> Iterator[tuple[Samples, Sequence[list[str]]]]:
    """Yields the stretches of a sentence that has pauses, and their words; none of one without, or not aligned."""
    phones = [[phone for name in word for phone in parse_ipa(ARPABET[name])] for word in words]
    try:
        intervals = iter(mfa.align_phonemes(audio, list(itertools.chain.from_iterable(phones))))
    except AlignmentFailedError:
        return
    aligned = [list(itertools.islice(intervals, len(word))) for word in phones]
    starts, ends = [word[0].start_sample for word in aligned], [word[-1].end_sample for word in aligned]
    cuts = [k for k in range(1, len(words)) if starts[k] - ends[k - 1] >= MIN_PAUSE]
    if not cuts:
        return
    for first, last in itertools.pairwise([0, *cuts, len(words)]):
        start = ends[first - 1] + AFTER_PAUSE if first else 0
        samples = audio[start : starts[last] if last < len(words) else len(audio)]
        if len(samples) >= MIN_STRETCH:
            yield samples, words[first:last]


def texts_of(native: Path) -> dict[str, str]:
    """Returns the texts of the native speaker's prompts, by file, in order."""
    rows = (line.split("\t") for line in (native / "texts.tsv").read_text(encoding="utf-8").splitlines())
    return dict(sorted((file, text) for file, text in rows))


def native_prompts(folder: Path, texts: dict[str, str], encode: Encode, alter: Alter) -> Iterator[Recording]:
    """Yields the native prompts that are not held out, as they are and at several speeds, altered."""
    for index, (file, text) in enumerate(texts.items()):
        if index % HELD_OUT_PROMPT:
            yield from _at_native_speeds(load_audio(str(folder / file)), columns_of(text), encode, alter)


def native_words(prompts: set[str], encode: Encode, alter: Alter) -> Iterator[Recording]:
    """Yields the same speaker's single words and short phrases that are not held out, and none of the prompts."""
    texts = gzip.decompress(PROMPT_TEXTS.read_bytes()).decode().splitlines()
    rows = sorted(tuple(line.split(": ", 1)) for line in texts if ": " in line)
    words = [(PROMPTS / f"{name}.g722", spoken) for name, text in rows if (spoken := _spoken_word(name, text, prompts))]
    for index, (file, text) in enumerate(words):
        if index % HELD_OUT_WORD and file.is_file():
            with_columns = _known_columns(text)
            if with_columns:
                yield from _at_native_speeds(read_g722(file), with_columns, encode, alter)


def _spoken_word(name: str, text: str, prompts: set[str]) -> str | None:
    """Returns the text of a prompt that is a few words and none of the others; of a letter its name."""
    spoken = re.sub(r"\[.*?\]|\.$|!", "", text).strip().replace("-", " ")
    is_short = re.fullmatch("[A-Za-z' ]+", spoken) and len(spoken.split()) <= MAX_WORDS_ALONE
    if not is_short or name in prompts or name.replace("/", "-") in prompts:
        return None
    return spoken.upper() if len(spoken) == 1 else spoken.lower()


def _known_columns(text: str) -> list[int]:
    try:
        return columns_of(text)
    except InvalidInputError:
        return []


def _at_native_speeds(audio: Samples, columns: list[int], encode: Encode, alter: Alter) -> Iterator[Recording]:
    for speed in NATIVE_SPEEDS:
        yield Recording(encode(audio if speed == 1 else alter(at_speed(audio, speed))), columns)


def read_g722(file: Path) -> Samples:
    """Returns a recording in raw G.722, which has no header, as float32 [samples] at 16 kHz."""
    with av.open(str(file), format="g722") as container:
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    return (samples / np.iinfo(np.int16).max).astype(np.float32)


@functools.cache
def _dictionary() -> Dictionary:
    return Dictionary()


def columns_of(text: str) -> list[int]:
    """Returns the columns of a text's phones, each word as it is usually pronounced."""
    names = {"".join(parse_ipa(ipa)): name for name, ipa in ARPABET.items()} | {"ə": "AH", "ə˞": "ER"}
    phones = [phone for word in _dictionary().pronounce(text) for phone in word.pronunciations[0]]
    return [COLUMNS[names[phone]] for phone in joined(phones, names)]


def joined(phones: Sequence[str], known: dict[str, str]) -> list[str]:
    """Returns phones with the two of a diphthong as one: ``["o", "ʊ"]`` is ``["oʊ"]``."""
    result: list[str] = []
    for phone in phones:
        if result and result[-1] + phone in known:
            result[-1] += phone
        else:
            result.append(phone)
    return result


def synthetic(texts: Sequence[str], encode: Encode, alter: Alter) -> Iterator[Recording]:
    """Yields sentences in flite's voices, at several rates and pitches, some with phones changed, all altered."""
    for audio, phones in synthesize_all(texts, 0):
        yield Recording(encode(alter(audio)), phones)


def synthetic_words(number: int, encode: Encode, alter: Alter) -> Iterator[Recording]:
    """Yields words alone, or two or three, in flite's voices, at other speeds and altered."""
    lexicon, chance = Lexicon(), random.Random(5)  # noqa: S311
    found = {word for text in sentences() for word in re.findall("[a-z]{1,14}", text.lower())}
    vocabulary = sorted(word for word in found if word in lexicon)
    texts = [" ".join(chance.choice(vocabulary) for _ in range(chance.choice(WORDS_IN_A_ROW))) for _ in range(number)]
    for audio, phones in synthesize_all(texts, FIRST_WORD):
        yield Recording(encode(alter(at_speed(audio, chance.choice(FLITE_WORDS_SPEEDS)))), phones)


def synthesize_all(texts: Sequence[str], first: int) -> Iterator[tuple[Samples, list[int]]]:
    """Yields texts as flite's voices say them, numbered from `first` on; none of which every phone was deleted."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        jobs = [(first + index, text, Path(folder)) for index, text in enumerate(texts)]
        for audio, phones in pool.map(lambda job: synthesize(*job), jobs):
            if phones:
                yield audio, phones


def sentences() -> list[str]:
    """Returns the English sentences of `FORTUNES`, in a fixed order."""
    found = set()
    for file in sorted(FORTUNES.iterdir()):
        if not file.suffix and not file.is_symlink():
            for text in file.read_text(errors="ignore").split("\n%\n"):
                parts = re.split(r"(?<=[.!?])\s", re.sub(r"\s+", " ", text.partition("--")[0]))
                found |= {part.strip() for part in parts if re.fullmatch(r"[A-Za-z' ,.!?-]{18,80}", part)}
    result = sorted(found)
    random.Random(0).shuffle(result)  # noqa: S311
    return result


def synthesize(index: int, text: str, folder: Path) -> tuple[Samples, list[int]]:
    """Returns a text as one of flite's voices says it, and the columns of the phones that it synthesized."""
    chance = random.Random(index)  # noqa: S311
    voice, file = chance.choice(list(FLITE_VOICES)), folder / f"{index}.wav"
    pitch = FLITE_VOICES[voice] * chance.uniform(0.8, 1.25)
    command = ["flite", "-voice", voice, "-ps", "-o", str(file), "--setf", f"int_f0_target_mean={pitch:.0f}"]
    command += ["--setf", f"duration_stretch={chance.uniform(0.75, 1.15):.2f}"]
    phones = spoken([*command, "-t", text])
    if chance.random() < SHARE_CHANGED:
        phones = spoken([*command, "-p", " ".join(changed(phones, chance))])
    try:
        audio = load_audio(str(file))
    except AudioUndecodableError:  # every phone was deleted
        return np.zeros(0, dtype=np.float32), []
    file.unlink()
    return audio, [COLUMNS[FLITE_NAMES.get(name.upper(), name.upper())] for name in phones]


def spoken(command: list[str]) -> list[str]:
    """Returns the phones that flite prints."""
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    return [name for name in printed if name not in FLITE_PAUSES]


def changed(phones: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Yields phones, some deleted, substituted by one of their class, or followed by another."""
    for phone in phones:
        draw = chance.random()
        if draw >= DELETED:
            alike = VOWELS if FLITE_NAMES.get(phone.upper(), phone.upper()) in VOWELS else CONSONANTS
            yield chance.choice(alike).lower() if draw < DELETED + SUBSTITUTED else phone
            if draw > 1 - INSERTED:
                yield chance.choice(PHONES).lower()


def at_speed(audio: Samples, speed: float) -> Samples:
    """Returns float32 [samples] played faster."""
    result: Samples = soxr.resample(audio, SAMPLE_RATE * speed, SAMPLE_RATE, quality="HQ")
    return result


def with_noise(audio: Samples) -> Samples:
    """Returns float32 [samples], half of the time with white noise 12 to 40 dB below."""
    if random.random() < 0.5:  # noqa: S311
        return audio
    noise = np.random.default_rng(random.getrandbits(32)).standard_normal(len(audio))
    level = np.sqrt(np.square(audio).mean()) * 10 ** (-random.uniform(12, 40) / 20)  # noqa: S311
    noisy: Samples = (audio + level * noise).astype(np.float32)
    return noisy


def through_another_microphone(audio: Samples) -> Samples:
    """Returns float32 [samples] as another microphone in another room records them."""
    return through_microphone(audio, random.Random(random.getrandbits(32)))  # noqa: S311
