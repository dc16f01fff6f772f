"""Builds what the package carries on day one, from open fonts alone.

`python tools/build_starter.py --fonts FOLDER` writes pipeline/starter/characters.zip, the starter
dataset. With `--work FOLDER` it also trains the starter recogniser, and goes on where a killed
training was; `--trials DATA` measures instead which distortions carry to the real pictures of
DATA, `hwdb-3755` and `calligraphy-kai`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from starter.characters import CHARACTERS, characters_archive

from pipeline.files import write_bytes

STEPS = 10_000
"""Of 128 images each."""
STARTER = Path(__file__).resolve().parents[1] / "pipeline" / "starter"


def main() -> None:
    """Reads the command line and builds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fonts", type=Path, required=True, help="folder of fonts and licences")
    parser.add_argument("--out", type=Path, default=STARTER / "characters.zip", help="archive")
    parser.add_argument("--characters", default=CHARACTERS, help="characters of the archive")
    parser.add_argument("--work", type=Path, help="folder of the training, kept between calls")
    parser.add_argument("--steps", type=int, default=STEPS, help="of the training")
    parser.add_argument("--model", type=Path, default=STARTER, help="where the recogniser goes")
    parser.add_argument("--trials", type=Path, help="folder of hwdb-3755 and calligraphy-kai")
    given = parser.parse_args()
    if given.trials:
        from starter.trials import trials

        trials(given.fonts, given.trials, given.work)
        return
    archive = characters_archive(given.fonts, given.characters)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(given.out, archive)
    print(f"{given.out}: {len(archive):,} bytes, {len(given.characters)} characters")
    if given.work:
        from starter.recognizer import build_recognizer

        build_recognizer(given.fonts, given.work, given.model, given.steps)


if __name__ == "__main__":
    main()
