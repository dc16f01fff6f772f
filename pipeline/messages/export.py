"""English texts about folders and models that are written for other programs."""

from __future__ import annotations

MESSAGES = {
    "export.exists": (
        "{path} is there already, and nothing is written over. Remove it, or name another folder."
    ),
    "export.inside_source": (
        "{path} lies inside the source {source}, which is only read. Name a folder elsewhere."
    ),
    "export.foreign_partial": (
        "{path} stands where the folders would be made, and was not left by an export. Move it "
        "away, or name another folder."
    ),
    "export.unwritable": "{path}: cannot be written ({detail}). Name a folder that can be.",
    "export.disk_full": (
        "{path}: the disk is full. Nothing was left there; make room, or take --link hard."
    ),
    "export.changed": (
        "{path} is in the dataset {name}, but no longer in the source {source}. "
        "Prepare it again with --replace."
    ),
    "export.copied.one": (
        "{count} file was copied, since it could not be linked ({detail}); it takes up disk space "
        "of its own."
    ),
    "export.copied": (
        "{count} files were copied, since they could not be linked ({detail}); they take up disk "
        "space of their own."
    ),
    "export.renamed.one": (
        "{count} label cannot be the name of a folder; {path} says which folder holds it."
    ),
    "export.renamed": (
        "{count} labels cannot be names of folders; {path} says which folder holds which label."
    ),
    "export.empty.one": (
        "{count} class has no image in {split}; its folder there is empty, so that tools that "
        "number the folders number all splits alike."
    ),
    "export.empty": (
        "{count} classes have no image in {split}; their folders there are empty, so that tools "
        "that number the folders number all splits alike."
    ),
    "export.undistorted": (
        "Augmentation is switched off, so copies would be the same as their images. Take "
        "enabled = true in [augment], or no --materialise."
    ),
    "export.file": (
        "The dataset {name} was made with a {key} that is not set now. Name that file in the "
        "settings, then export again."
    ),
    "export.no_network": (
        "The model {name} does not hold what {format} is made of (its Keras file). Take --format "
        "litert."
    ),
    "export.no_onnx": (
        'ONNX needs packages that are not here ({missing}): pip install "hanzi-tui[onnx]"'
    ),
    "export.failed": (
        "The network could not be turned into {format} ({detail}). Take --format litert."
    ),
    "export.differs": (
        "As {format} the network answers differently from the model (by {difference}, {tolerance} "
        "allowed), so nothing was written. Take another --format."
    ),
    "usage.materialise": (
        "--materialise writes files: say where, with --export-folders FOLDER. Training itself "
        "distorts images as it goes and needs no copies."
    ),
    "usage.link": "--link says how --export-folders FOLDER makes its files; name that folder.",
}
