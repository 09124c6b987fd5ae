"""The classes of kalpy 0.10 and MFA 3.4 that `KalpyRuntime` calls, with their signatures and order of calls.

kalpy is on conda-forge only. This stand-in returns the alignments of the real one for the phones of the LibriVox clips;
for any other phones it fails as kalpy fails.
"""

import json
import os
import sys
import types
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.audio.samples import SAMPLE_RATE, Samples
from tests.support.data import DATA

LOUDEST = 1e30


class KalpyError(Exception):
    """kalpy.exceptions.KalpyError"""


class KaldiFatalError(RuntimeError):
    """_kalpy.util.KaldiFatalError"""


class MfaError(Exception):
    """montreal_forced_aligner.exceptions.MFAError"""


@dataclass
class CtmInterval:
    """A phone of an alignment, in seconds."""

    begin: float
    end: float
    label: str


@dataclass
class WordCtmInterval:
    """A word of an alignment: silence is `<eps>`."""

    label: str
    phones: list[CtmInterval]


@dataclass
class HierarchicalCtm:
    """kalpy.gmm.data.HierarchicalCtm"""

    word_intervals: list[WordCtmInterval]


@dataclass
class MfccComputer:
    """kalpy.feat.mfcc.MfccComputer"""

    dither: float


class AcousticModel:
    """montreal_forced_aligner.models.AcousticModel"""

    position_dependent_phones = False
    broken = False

    def __init__(self, source: Path, root_directory: Path | None = None) -> None:
        assert root_directory
        assert root_directory.is_dir()
        if self.broken:
            raise MfaError("the model is broken")
        with zipfile.ZipFile(source) as archive:
            meta = json.loads(archive.read(next(n for n in archive.namelist() if n.endswith("meta.json"))))
        self.parameters = {
            "non_silence_phones": set(meta["phones"]),
            "position_dependent_phones": self.position_dependent_phones,
        } | {
            name: meta[name]
            for name in (
                "optional_silence_phone",
                "oov_phone",
                "silence_probability",
                "initial_silence_probability",
                "final_silence_correction",
                "final_non_silence_correction",
            )
        }
        self.lexicon_compiler = types.SimpleNamespace(phone_table=("eps", *meta["phones"]))

    @property
    def mfcc_computer(self) -> MfccComputer:
        """A new one each time, with the dither of english_mfa."""
        return MfccComputer(dither=1.0)


class LexiconCompiler:
    """kalpy.fstext.lexicon.LexiconCompiler"""

    def __init__(
        self,
        disambiguation: bool = False,
        silence_probability: float = 0.5,
        initial_silence_probability: float = 0.5,
        final_silence_correction: float | None = None,
        final_non_silence_correction: float | None = None,
        silence_word: str = "<eps>",
        oov_word: str = "<unk>",
        silence_phone: str = "sil",
        oov_phone: str = "spn",
        position_dependent_phones: bool = False,
        ignore_case: bool = True,
        phones: set[str] | None = None,
    ) -> None:
        assert (disambiguation, silence_probability, ignore_case) == (False, 0.02, True)
        assert phones
        self.silence_phone, self.position_dependent_phones = silence_phone, position_dependent_phones
        self.phones = phones
        self.phone_table: tuple[str, ...] = ()
        self.pronunciations: dict[str, str] = {}
        self.compiled: dict[str, str] = {}

    def load_pronunciations(self, file_name: Path) -> None:
        lines = Path(file_name).read_text(encoding="utf-8").splitlines()
        self.pronunciations = dict(line.split("\t") for line in lines)
        assert set(self.pronunciations.values()) == self.phones

    def create_fsts(self) -> None:
        self.compiled = dict(self.pronunciations)

    def clear(self) -> None:
        self.pronunciations = {}


@dataclass
class Segment:
    """kalpy.data.Segment"""

    file_path: str
    begin: float | None = None
    end: float | None = None
    channel: int | None = 0
    _wave: Samples | None = field(default=None, repr=False)


@dataclass
class Utterance:
    """kalpy.utterance.Utterance"""

    segment: Segment
    transcript: str
    mfccs: Any = None
    normalised: bool = False

    def generate_mfccs(self, mfcc_computer: MfccComputer) -> None:
        assert self.segment._wave is not None
        assert self.segment._wave.dtype == np.float32
        if np.abs(self.segment._wave).max() > LOUDEST:
            raise KaldiFatalError("the features are not finite")
        assert mfcc_computer.dither == 0
        self.mfccs = mfcc_computer

    def apply_cmvn(self, cmvn: object) -> None:
        assert cmvn == ("cmvn", [self.mfccs])
        self.normalised = True


class CmvnComputer:
    """kalpy.feat.cmvn.CmvnComputer"""

    def compute_cmvn_from_features(self, feats: list[Any]) -> tuple[str, list[Any]]:
        return ("cmvn", feats)


class KalpyAligner:
    """kalpy.aligner.KalpyAligner"""

    def __init__(
        self, acoustic_model: AcousticModel, lexicon_compiler: LexiconCompiler, beam: int = 10, retry_beam: int = 40
    ) -> None:
        assert (beam, retry_beam) == (10, 40)
        assert lexicon_compiler.compiled
        assert lexicon_compiler.phone_table == acoustic_model.lexicon_compiler.phone_table
        self.lexicon = lexicon_compiler
        golden = json.loads((DATA / "golden_alignments.json").read_text(encoding="utf-8"))
        self.recorded = {tuple(u["phones"]): u["intervals"] for u in golden["utterances"].values()}

    def align_utterance(self, utterance: Utterance) -> HierarchicalCtm:
        assert utterance.normalised
        words = utterance.transcript.split()
        recorded = self.recorded.get(tuple(self.lexicon.compiled[word] for word in words))
        if recorded is None:
            raise KalpyError("Could not align the file with the current beam size")
        assert utterance.segment.begin is not None
        rest = iter(words)
        return HierarchicalCtm([self._word(interval, rest) for interval in recorded])

    def _word(self, interval: dict[str, Any], words: Any) -> WordCtmInterval:
        silent = interval["phone"] == self.lexicon.silence_phone
        tag = "_S" if self.lexicon.position_dependent_phones and not silent else ""
        begin, end = interval["start_sample"] / SAMPLE_RATE, interval["end_sample"] / SAMPLE_RATE
        phone = CtmInterval(begin, end, interval["phone"] + tag)
        return WordCtmInterval("<eps>" if silent else next(words), [phone])


def import_model(name: str) -> Any:
    """Returns MFA's class as its import does, which sets the number of threads."""
    if name != "AcousticModel":
        raise AttributeError(name)
    os.environ["OMP_NUM_THREADS"] = "1"
    return AcousticModel


MODULES: dict[str, dict[str, Any]] = {
    "kalpy": {},
    "kalpy.aligner": {"KalpyAligner": KalpyAligner},
    "kalpy.exceptions": {"KalpyError": KalpyError},
    "kalpy.feat": {},
    "kalpy.feat.cmvn": {"CmvnComputer": CmvnComputer},
    "kalpy.fstext": {},
    "kalpy.fstext.lexicon": {"LexiconCompiler": LexiconCompiler},
    "kalpy.utterance": {"Segment": Segment, "Utterance": Utterance},
    "montreal_forced_aligner": {},
    "montreal_forced_aligner.models": {"__getattr__": import_model},
}


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the stand-in what `import kalpy` finds."""
    for name, content in MODULES.items():
        module = types.ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
