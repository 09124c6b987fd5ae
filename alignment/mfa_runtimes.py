"""The two runtimes of an MFA acoustic model: kalpy, which MFA itself uses, and viter, which needs no Kaldi."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import ModelUnavailableError

BUNDLED_MODEL = Path(__file__).parent / "models" / "mfa_english_so762.zip"

# The probability of a pause between two phones; a model's own is for two words. With this one, 90 % of the boundaries
# of a phone sequence were within 20 ms of those of its words, on 80 utterances.
SILENCE_PROBABILITY = 0.02
BEAM, RETRY_BEAM = 10, 40
STDOUT, STDERR = 1, 2
META = "meta.json"
TRY = """
import sys, numpy as np
from pathlib import Path
from alignment.mfa_runtimes import AcousticModel, Utterance, ViterRuntime
model = AcousticModel.read(Path(sys.argv[1]))
noise = np.random.default_rng(0).normal(0, 0.01, 16000).astype(np.float32)
ViterRuntime(model).align([Utterance(noise, model.labels[:1])])
"""
UNKNOWN_ID = -1  # of a phone in a model that has no table of them
POSITIONS = ("_S", "_B", "_E", "_I")  # of a phone in a word: alone, first, last, inside


@dataclass(frozen=True)
class LabelInterval:
    """A label of the acoustic model and its seconds in the recording.

    Counts seconds, as runtimes return them; a PhoneInterval counts samples.
    """

    label: str
    start: float
    end: float


class Utterance(NamedTuple):
    """A stretch of a recording, float32 [samples], and the labels of the acoustic model in it."""

    audio: Samples
    labels: Sequence[str]


class Runtime(Protocol):
    """Aligns the labels of an acoustic model with utterances."""

    @property
    def name(self) -> str:
        """The runtime, as the log names it."""
        ...

    def align(self, utterances: Sequence[Utterance]) -> list[list[LabelInterval] | None]:
        """Returns the intervals of the labels of each utterance, without pauses; None where there is no path.

        All are of one speaker: they have the same cepstral means.
        """
        ...


@dataclass(frozen=True)
class AcousticModel:
    """An MFA acoustic model's zip, and the labels and pauses of its `meta.json` that it has an id for."""

    path: Path
    labels: tuple[str, ...]
    pauses: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "AcousticModel":
        """Returns the model of a zip. Raises ModelUnavailableError where there is none."""
        try:
            with zipfile.ZipFile(path) as archive:
                meta = json.loads(archive.read(_name(archive, META)))
                table = _phone_table(archive, meta)
            pauses = frozenset({meta["optional_silence_phone"], meta["oov_phone"]})
            ids = {label: [table[name] for name in _tagged(label) if name in table] for label in meta["phones"]}
            labels = tuple(label for label, known in ids.items() if known and label not in pauses)
        except (OSError, KeyError, IndexError, StopIteration, ValueError, zipfile.BadZipFile) as error:
            raise ModelUnavailableError(f"{path.name} is no MFA acoustic model ({error!r})") from error
        if not labels:
            raise ModelUnavailableError(f"{path.name} is no MFA acoustic model (it has no phones)")
        return cls(path, labels, pauses)

    def write_dictionary(self, path: Path) -> None:
        """Writes a dictionary with a pseudo-word for each label, so that a pause may stand between any two phones."""
        lines = (f"{_word(index)}\t{label}\n" for index, label in enumerate(self.labels))
        path.write_text("".join(lines), encoding="utf-8")

    def transcript(self, labels: Sequence[str]) -> str:
        """Returns labels as a transcript in pseudo-words."""
        return " ".join(_word(self.labels.index(label)) for label in labels)


class ViterRuntime:
    """viter: MFA's recipe and models without Kaldi."""

    name = "viter"

    def __init__(self, model: AcousticModel) -> None:
        # viter 0.5.1 (https://github.com/thewh1teagle/viter) logs to stdout where it finds no path.
        os.environ.setdefault("RUST_LOG", "off")
        # On an Intel Xeon 3 s take 7 ms of a processor with one thread that is given one utterance at a time, and 80 ms
        # with two, or once it was given more: it seems that multiplying matrices leaves a thread's registers of 256
        # bits in use, and then each exponential of the likelihoods costs 100 ns.
        os.environ.setdefault("RAYON_NUM_THREADS", "1")
        os.environ.setdefault("VITER_CHUNK_FRAMES", "1")
        import viter

        self._acoustic_model = model
        self._folder = tempfile.TemporaryDirectory(prefix="mfa-")
        folder = Path(self._folder.name)
        dictionary, changed, converted = folder / "dict", folder / "model.zip", folder / "model.viter"
        model.write_dictionary(dictionary)
        _copy_with_parameters(model.path, changed)
        try:
            _convert(changed, converted)
            self.model = viter.Model(converted, dict=dictionary, cpu=True)
        except viter.ViterError as error:
            raise ModelUnavailableError(f"{model.path.name} is no MFA acoustic model ({error})") from error
        changed.unlink()
        converted.unlink()  # the model is in memory, but viter reads the dictionary at every alignment

    def align(self, utterances: Sequence[Utterance]) -> list[list[LabelInterval] | None]:
        """Aligns as `Runtime.align` says."""
        model, pauses = self._acoustic_model, self._acoustic_model.pauses
        items = [(audio, model.transcript(labels), SAMPLE_RATE) for audio, labels in utterances]
        with _silenced(STDERR):
            alignments = self.model.align_many(items, beam=BEAM, retry_beam=RETRY_BEAM, refine=False)
        return [
            [LabelInterval(p.label, p.start, p.end) for p in found.phones if p.label not in pauses] if found else None
            for found in alignments
        ]


class KalpyRuntime:
    """kalpy: Kaldi as MFA itself calls it."""

    name = "kalpy"

    def __init__(self, model: AcousticModel) -> None:
        with contextlib.suppress(ImportError):
            import torch  # noqa: F401 (before MFA 3.4, which would leave it with one thread: it imports it, too)
        with _environment_restored():
            from kalpy.aligner import KalpyAligner
            from kalpy.fstext.lexicon import LexiconCompiler
            from montreal_forced_aligner.models import AcousticModel as MfaModel

        self._acoustic_model = model
        # kalpy reads files of the model at every alignment, and MFA 3.4 removes those of its own folder at every start.
        self._folder = tempfile.TemporaryDirectory(prefix="mfa-")
        mfa_model = MfaModel(model.path, root_directory=Path(self._folder.name))
        self._mfcc_computer = mfa_model.mfcc_computer
        self._mfcc_computer.dither = 0.0  # with a model's own, as english_mfa has it, no two alignments are the same
        parameters = mfa_model.parameters
        lexicon = LexiconCompiler(
            disambiguation=False,
            silence_probability=SILENCE_PROBABILITY,
            initial_silence_probability=parameters["initial_silence_probability"],
            final_silence_correction=parameters["final_silence_correction"],
            final_non_silence_correction=parameters["final_non_silence_correction"],
            silence_phone=parameters["optional_silence_phone"],
            oov_phone=parameters["oov_phone"],
            position_dependent_phones=parameters["position_dependent_phones"],
            phones=parameters["non_silence_phones"],
            ignore_case=True,
        )
        # The ids are the model's own; kalpy 0.10 would number the phones in an order of its own.
        lexicon.phone_table = mfa_model.lexicon_compiler.phone_table
        dictionary = Path(self._folder.name, "dict")
        model.write_dictionary(dictionary)
        lexicon.load_pronunciations(dictionary)
        dictionary.unlink()
        lexicon.create_fsts()
        lexicon.clear()
        self._aligner = KalpyAligner(mfa_model, lexicon, beam=BEAM, retry_beam=RETRY_BEAM)

    def align(self, utterances: Sequence[Utterance]) -> list[list[LabelInterval] | None]:
        """Aligns as `Runtime.align` says."""
        from kalpy.exceptions import KalpyError
        from kalpy.feat.cmvn import CmvnComputer

        found: list[list[LabelInterval] | None] = [None] * len(utterances)
        # Kaldi's own errors are KaldiFatalError, a RuntimeError.
        with contextlib.suppress(KalpyError, RuntimeError):
            prepared = [self._with_mfccs(utterance) for utterance in utterances]
            cmvn = CmvnComputer().compute_cmvn_from_features([utterance.mfccs for utterance in prepared])
            for index, utterance in enumerate(prepared):
                utterance.apply_cmvn(cmvn)
                with contextlib.suppress(KalpyError, RuntimeError):
                    found[index] = self._align(utterance, utterances[index].labels)
        return found

    def _with_mfccs(self, utterance: Utterance) -> Any:
        from kalpy.utterance import Segment
        from kalpy.utterance import Utterance as KalpyUtterance

        segment = Segment("in-memory", 0, len(utterance.audio) / SAMPLE_RATE, 0)
        segment._wave = utterance.audio  # where kalpy 0.10 stores the samples of a file that it has read
        prepared = KalpyUtterance(segment, self._acoustic_model.transcript(utterance.labels))
        prepared.generate_mfccs(self._mfcc_computer)
        return prepared

    def _align(self, utterance: Any, labels: Sequence[str]) -> list[LabelInterval]:
        alignment = self._aligner.align_utterance(utterance)
        phones = [phone for word in alignment.word_intervals for phone in word.phones]
        # A position-dependent model writes `sil_S`. The labels are those of the transcript, in order.
        segments = [p for p in phones if p.label.split("_")[0] not in self._acoustic_model.pauses]
        return [LabelInterval(label, p.begin, p.end) for label, p in zip(labels, segments, strict=True)]


def load_runtime(model: AcousticModel, choice: Literal["auto", "kalpy", "viter"]) -> Runtime:
    """Returns a runtime; `auto` is kalpy where it is installed, else viter. Raises ModelUnavailableError."""
    if choice != "viter":
        try:
            return KalpyRuntime(model)
        except ImportError as error:
            if choice == "kalpy":
                raise ModelUnavailableError(f"MFA_RUNTIME=kalpy needs kalpy installed ({error})") from error
        except Exception as error:  # Kaldi, kalpy and MFA have kinds with no common base, some raised at import
            raise ModelUnavailableError(f"kalpy can't load {model.path.name} ({type(error).__name__})") from error
    try:
        import viter  # noqa: F401 (not in the image, where kalpy is)
    except ImportError as error:
        needed = "viter" if choice == "viter" else "kalpy or viter"
        raise ModelUnavailableError(f"MFA_RUNTIME={choice} needs {needed} installed ({error})") from error
    if model.path != BUNDLED_MODEL:
        _try_in_another_process(model.path)
    return ViterRuntime(model)


def _try_in_another_process(model: Path) -> None:
    """Raises ModelUnavailableError for a model that viter can't load and align with.

    At some, such as one with a truncated `lda.mat`, viter 0.5.1 aborts the process
    (https://github.com/thewh1teagle/viter).
    """
    command = [sys.executable, "-c", TRY, str(model)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    tried = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 (our own)
    if tried.returncode:
        raise ModelUnavailableError(f"viter can't align with {model.name} (status {tried.returncode})")


def _word(index: int) -> str:
    return f"p{index}"


def _name(archive: zipfile.ZipFile, file: str) -> str:
    return next(name for name in archive.namelist() if Path(name).name == file)


def _phone_table(archive: zipfile.ZipFile, meta: Mapping[str, Any]) -> dict[str, int]:
    """Returns the ids of phones: of a model's `meta.json`, else of its `phones.txt`, else of no model (-1) for all."""
    if meta.get("phone_mapping"):
        return dict(meta["phone_mapping"])
    for name in archive.namelist():
        if Path(name).name == "phones.txt":
            lines = [line.split() for line in archive.read(name).decode("utf-8").splitlines()]
            return {line[0]: int(line[1]) for line in lines if line}
    return dict.fromkeys(meta["phones"], UNKNOWN_ID)


def _tagged(label: str) -> list[str]:
    """Returns a label as a phone table has it: alone, or with its position in the word."""
    return [label, *(label + position for position in POSITIONS)]


@contextlib.contextmanager
def _environment_restored() -> Iterator[None]:
    """Restores the variables that a block changes: importing MFA 3.4 sets the number of threads of every library."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _copy_with_parameters(source: Path, target: Path) -> None:
    """Copies an acoustic model's zip with `SILENCE_PROBABILITY` and no dither in `meta.json`, where viter reads them.

    With a dither of 1, as english_mfa has it, viter 0.5.1 places 451 of 502 boundaries where MFA does, without 476.
    """
    with zipfile.ZipFile(source) as original, zipfile.ZipFile(target, "w") as copy:
        for item in original.infolist():
            content = original.read(item)
            if item.filename == _name(original, META):
                meta = json.loads(content) | {"silence_probability": SILENCE_PROBABILITY}
                meta["features"] = meta.get("features", {}) | {"dither": 0.0}
                content = json.dumps(meta).encode()
            copy.writestr(item, content, zipfile.ZIP_STORED)  # read once, so not compressed again


def _convert(model: Path, converted: Path) -> None:
    """Writes the acoustic model of a zip as viter reads it. Raises ViterError.

    By its command: `viter.import_mfa` of 0.5.1 (https://github.com/thewh1teagle/viter) also opens the model on a GPU,
    and the drivers that it tries write to the terminal, such as "error: XDG_RUNTIME_DIR is invalid".
    """
    import viter

    with _silenced(STDOUT, STDERR):
        status = viter.main(["viter", "import", str(model), "--out", str(converted)])
    if status:
        raise viter.ViterError(f"viter import ended with {status}")


@contextlib.contextmanager
def _silenced(*descriptors: int) -> Iterator[None]:
    """Redirects file descriptors to nowhere: viter 0.5 writes progress lines, and has no option against them."""
    originals = [os.dup(descriptor) for descriptor in descriptors]
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123
        for descriptor in descriptors:
            os.dup2(nothing.fileno(), descriptor)
    try:
        yield
    finally:
        for descriptor, original in zip(descriptors, originals, strict=True):
            os.dup2(original, descriptor)
            os.close(original)
