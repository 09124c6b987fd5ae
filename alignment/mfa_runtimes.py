"""The two programs that run an MFA acoustic model: kalpy, which is MFA's own, and viter, which needs no Kaldi."""

import contextlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from shared.audio import SAMPLE_RATE, Samples
from shared.errors import ModelUnavailableError

if TYPE_CHECKING:
    import viter

# How likely a pause is between two phones. The models' own figure is for words; with this one, 90 % of the
# boundaries of a phone sequence were within 20 ms of those of its words, on 80 utterances.
SILENCE_PROBABILITY = 0.02
BEAM, RETRY_BEAM = 10, 40


@dataclass(frozen=True)
class Place:
    """A phone of the acoustic model and its seconds in the recording."""

    label: str
    start: float
    end: float


class Runtime(Protocol):
    """Places sequences of an acoustic model's phones in recordings."""

    @property
    def name(self) -> str:
        """The runtime, as the log names it."""
        ...

    def align(self, utterances: Sequence[tuple[Samples, list[str]]]) -> list[list[Place] | None]:
        """Returns the places of each utterance's labels, pauses left out; None where no path was found."""
        ...


@dataclass(frozen=True)
class AcousticModel:
    """An MFA acoustic model's zip, and what its `meta.json` says of its phones."""

    path: Path
    labels: tuple[str, ...]
    pauses: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "AcousticModel":
        """Returns the model of a zip. Raises ModelUnavailableError where there is none."""
        try:
            with zipfile.ZipFile(path) as archive:
                meta = json.loads(archive.read(_meta_name(archive)))
            pauses = frozenset({meta["optional_silence_phone"], meta["oov_phone"]})
            return cls(path, tuple(label for label in meta["phones"] if label not in pauses), pauses)
        except (OSError, KeyError, StopIteration, ValueError, zipfile.BadZipFile) as error:
            raise ModelUnavailableError(f"{path.name} is no MFA acoustic model ({error!r})") from error

    def write_dictionary(self, path: Path) -> None:
        """Writes a dictionary with a pseudo-word for each label: a pause can stand between any two phones."""
        lines = (f"{_word(index)}\t{label}\n" for index, label in enumerate(self.labels))
        path.write_text("".join(lines), encoding="utf-8")

    def spell(self, labels: Sequence[str]) -> str:
        """Returns labels as a transcript in pseudo-words."""
        return " ".join(_word(self.labels.index(label)) for label in labels)


class ViterRuntime:
    """viter: MFA's recipe and models without Kaldi."""

    name = "viter"

    def __init__(self, model: AcousticModel) -> None:
        import viter  # not in the image, where kalpy is

        self._acoustic_model = model
        self._folder = tempfile.TemporaryDirectory(prefix="mfa-")
        folder = Path(self._folder.name)
        dictionary, patient, converted = folder / "dict", folder / "model.zip", folder / "model.viter"
        model.write_dictionary(dictionary)
        _copy_with_silence_probability(model.path, patient)
        try:
            viter.import_mfa(patient, converted)
            self.model = viter.Model(converted, dict=dictionary, cpu=True)
        except viter.ViterError as error:
            raise ModelUnavailableError(f"{model.path.name} is no MFA acoustic model ({error})") from error
        patient.unlink()
        converted.unlink()  # it is in memory; the dictionary stays: viter reads it at every alignment

    def align(self, utterances: Sequence[tuple[Samples, list[str]]]) -> list[list[Place] | None]:
        """See `Runtime.align`."""
        items = [(audio, self._acoustic_model.spell(labels), SAMPLE_RATE) for audio, labels in utterances]
        speakers = [str(index) for index in range(len(items))]  # else all share one cepstral mean
        with _quiet_stderr():
            alignments = self.model.align_many(items, speakers=speakers, beam=BEAM, retry_beam=RETRY_BEAM, refine=False)
        return [self._places(alignment) if alignment else None for alignment in alignments]

    def _places(self, alignment: "viter.Alignment") -> list[Place]:
        phones = alignment.phones
        return [Place(p.label, p.start, p.end) for p in phones if p.label not in self._acoustic_model.pauses]


class KalpyRuntime:
    """kalpy: Kaldi as MFA itself calls it."""

    name = "kalpy"

    def __init__(self, model: AcousticModel) -> None:
        from kalpy.aligner import KalpyAligner
        from kalpy.fstext.lexicon import LexiconCompiler
        from montreal_forced_aligner.models import AcousticModel as MfaModel

        self._acoustic_model = model
        self._mfa_model = MfaModel(model.path)
        parameters = self._mfa_model.parameters
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
        with tempfile.TemporaryDirectory(prefix="mfa-") as folder:
            dictionary = Path(folder, "dict")
            model.write_dictionary(dictionary)
            lexicon.load_pronunciations(dictionary)
        lexicon.create_fsts()
        lexicon.clear()
        self._aligner = KalpyAligner(self._mfa_model, lexicon, beam=BEAM, retry_beam=RETRY_BEAM)

    def align(self, utterances: Sequence[tuple[Samples, list[str]]]) -> list[list[Place] | None]:
        """See `Runtime.align`."""
        return [self._align(audio, labels) for audio, labels in utterances]

    def _align(self, audio: Samples, labels: Sequence[str]) -> list[Place] | None:
        from kalpy.exceptions import KalpyError
        from kalpy.feat.cmvn import CmvnComputer
        from kalpy.utterance import Segment, Utterance

        segment = Segment("in-memory", 0, len(audio) / SAMPLE_RATE, 0)
        segment._wave = audio  # where kalpy keeps the samples that it has read from a file
        utterance = Utterance(segment, self._acoustic_model.spell(labels))
        utterance.generate_mfccs(self._mfa_model.mfcc_computer)
        utterance.apply_cmvn(CmvnComputer().compute_cmvn_from_features([utterance.mfccs]))
        try:
            alignment = self._aligner.align_utterance(utterance)
        except KalpyError:
            return None
        phones = [phone for word in alignment.word_intervals for phone in word.phones]
        # A position-dependent model writes `sil_S`; which phone is which we know from the order.
        spoken = [p for p in phones if p.label.split("_")[0] not in self._acoustic_model.pauses]
        return [Place(label, p.begin, p.end) for label, p in zip(labels, spoken, strict=True)]


def load_runtime(model: AcousticModel, choice: Literal["auto", "kalpy", "viter"]) -> Runtime:
    """Returns the runtime of the settings, with `auto` kalpy where it is installed. Raises ModelUnavailableError."""
    if choice != "viter":
        try:
            return KalpyRuntime(model)
        except ImportError as error:
            if choice == "kalpy":
                raise ModelUnavailableError(f"MFA_RUNTIME=kalpy needs kalpy installed ({error})") from error
    try:
        return ViterRuntime(model)
    except ImportError as error:
        needed = "viter" if choice == "viter" else "kalpy or viter"
        raise ModelUnavailableError(f"MFA_RUNTIME={choice} needs {needed} installed ({error})") from error


def _word(index: int) -> str:
    return f"p{index}"


def _meta_name(archive: zipfile.ZipFile) -> str:
    return next(name for name in archive.namelist() if name.endswith("meta.json"))


def _copy_with_silence_probability(source: Path, target: Path) -> None:
    """Copies an acoustic model's zip with `SILENCE_PROBABILITY` in place of its own, where viter reads it."""
    with zipfile.ZipFile(source) as original, zipfile.ZipFile(target, "w") as copy:
        for item in original.infolist():
            content = original.read(item)
            if item.filename == _meta_name(original):
                meta = json.loads(content) | {"silence_probability": SILENCE_PROBABILITY}
                content = json.dumps(meta).encode()
            copy.writestr(item, content)


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keeps viter's progress lines, which it always writes, out of the worker's log."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
