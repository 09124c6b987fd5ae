"""How far the speech of a clip is shifted by each format: `python -m tests.benchmarks.formats`."""

from shared.audio.samples import SAMPLE_RATE
from tests.support.data import DATA, read_clip
from tests.support.recordings import FORMATS, decode_audio, encode, shift


def main() -> None:
    """Prints the shift of each format as a table in Markdown."""
    clip = read_clip(DATA / "librivox_0880.wav")
    print("| format | container | codec | shift, ms |\n| --- | --- | --- | ---: |")
    for name, form in FORMATS.items():
        samples = shift(decode_audio(encode(clip.audio, name)), clip.audio)
        print(f"| {name} | {form.container} | {form.codec}, {form.rate} Hz | {samples / SAMPLE_RATE * 1000:.1f} |")


if __name__ == "__main__":
    main()
