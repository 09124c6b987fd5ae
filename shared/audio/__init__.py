"""Recordings as samples: fetched, decoded, cut to the speech in them.

`shared.audio.load_audio` is imported when it is asked for (PEP 562): `shared.audio.samples` needs no decoder.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.audio.load import load_audio as load_audio
else:

    def __getattr__(name: str) -> object:
        if name != "load_audio":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from shared.audio.load import load_audio

        return load_audio
