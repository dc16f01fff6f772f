"""What can go wrong, said so that a person can act on it.

Every message a user may read has a code and an English template here; the front end words the
same code in the user's language. A template says what happened, to what, and what to do next.
"""

from __future__ import annotations

from typing import Any

from pipeline.messages import (
    evaluation,
    export,
    gpus,
    libraries,
    machine,
    models,
    notices,
    plan,
    recipes,
    review,
    sources,
    splits,
    training,
    trial,
)

MESSAGES: dict[str, str] = {
    # settings
    "settings.missing": "{path}: there is no such settings file.",
    "settings.unreadable": "{path}: cannot be read ({detail}).",
    "settings.syntax": "{path}: not valid TOML: {detail}.",
    "settings.not_a_table": "{origin}: {section} is a section; write it as [{section}].",
    "settings.unknown_section": (
        "{origin}: there is no section [{section}]; did you mean [{nearest}]? Sections: {allowed}."
    ),
    "settings.unknown_key": (
        "{origin}: [{section}] has no key {key}; did you mean {nearest}? Keys: {allowed}."
    ),
    "settings.bad_value": (
        "{origin}: [{section}] {key} = {value} is not allowed; it takes {allowed}."
    ),
    # command line
    "usage.bad_value": "{flag} {value} is not allowed; it takes {allowed}.",
    "usage.no_dataset": "Name a prepared dataset (see hanzi-tui status), or --resume RUN.",
    "usage.no_images": "No images: name image files, or folders that hold some.",
    "usage.no_run": "Name the runs to delete; see hanzi-tui runs.",
    "usage.no_command": "There is no command {word}; did you mean {nearest}? All: hanzi-tui --help",
    "usage.unexpected": "{word} is not expected here. What is: {command} --help",
    "usage.no_gpu": (
        "No GPU is called {gpu} in NVIDIA's lists; did you mean {nearest}? Without one: --gpu none"
    ),
    "answers.unwritable": "{path}: the table cannot be written ({detail}).",
    "report.unwritable": "{path}: the report cannot be written ({detail}).",
    "usage.no_section": "{key}: write section and key, such as training.epochs.",
    # workspace and runs
    "name.bad": (
        "{name!r} cannot be a name here. Use letters, digits, '-' and '_'; no slash, "
        "no leading dot."
    ),
    "dataset.missing": (
        "There is no prepared dataset {name!r} in {folder} (there: {there}). "
        "Make it: hanzi-tui prepare FOLDER --name {name}"
    ),
    "model.missing": (
        "There is no model {name!r} in {folder} (there: {there}). Make one: hanzi-tui train DATASET"
    ),
    "model.exists": "There is a model {name!r} already. Choose another --name.",
    "model.none": "There is no model in {folder} yet. Make one: hanzi-tui train DATASET",
    "run.missing": "There is no run {name!r} in {folder}. List them: hanzi-tui runs",
    "run.ambiguous": "{name!r} fits several runs: {matches}. Type more of the name.",
    "run.exists": "There is a run {run} already. Choose another name.",
    "run.live": "Run {run} is under way. Stop it first: hanzi-tui stop {run}",
    "run.not_live": "Run {run} is not under way: it is {status}.",
    "run.finished": "Run {run} is finished; there is nothing to resume.",
    "run.elsewhere": "Run {run} works on {host}. Log in there to stop it by force.",
    "job.bad": "{path}: not a job this program understands: {detail}",
    "job.waits": "Waiting for run {run} to finish.",
    "job.awaited": "Run {run}, which this one waited for, is {status}. Resume that one first.",
    "job.no_worker": "The worker of run {run} did not start. Its output: {log}",
    "job.no_windows": (
        "Jobs need Linux or WSL2: TensorFlow has no GPU support on Windows itself. In PowerShell: "
        "wsl --install, then install hanzi-tui inside it."
    ),
    "worker.crashed": "The worker met an unexpected error: {detail}. Its output: {log}",
    "worker.memory": (
        "The machine has not enough memory ({detail}). Take a smaller batch_size or image size."
    ),
    # dataset
    "dataset.all_rejected": "None of the {count} images in {path} can be read. The first: {first}",
    "dataset.exists": (
        "The dataset {name} was made from something else ({changed}). "
        "Choose another --name, or replace it: --replace"
    ),
    "dataset.source_changed": (
        "The source of the dataset {name} has changed: files added: {added}, changed: {changed}, "
        "removed: {removed} ({names}). Choose another --name, or replace it: --replace"
    ),
    "dataset.decoder_died": (
        "A process that decodes images ended without a word, out of memory or on a damaged image: "
        "{first} or one after it. Start again, with fewer processes or without that image."
    ),
    "source.scan_died": (
        "{path}: the process that looks at the images ended with {code}. Start the scan again."
    ),
    "dataset.damaged": "{path}: {detail}. Prepare the dataset again with --replace.",
    "dataset.version": "{path} has format {found}; this program reads {known}. Prepare it again.",
    "dataset.prepared": "{name} is prepared already: {count} images, {classes} classes.",
    "dataset.rejected.one": "{count} image was rejected; see {path}.",
    "dataset.rejected": "{count} images were rejected; see {path}.",
    "dataset.merged": "The folders {folders} hold the same label {label}; they were merged.",
    "dataset.no_test_image.one": ("{count} class has no test image, so it is not tested: {names}"),
    "dataset.no_test_image": (
        "{count} classes have no test image, so they are not tested: {names}"
    ),
    "dataset.duplicates.one": (
        "{count} image is an exact copy of another; copies stay in one split."
    ),
    "dataset.duplicates": "{count} images are exact copies of others; copies stay in one split.",
    "dataset.blank.one": "{count} image is blank after normalising; see blank in {path}.",
    "dataset.blank": "{count} images are blank after normalising; see blank in {path}.",
    "dataset.no_split": "The dataset {name} has no {split} images. Prepare it with a larger share.",
    "disk.full": (
        "{path} has {free_mb} MB free, {need_mb} MB are needed. Make room, then start again."
    ),
    # training
    "augment.mirror": (
        "A mirrored character is another one or none at all, so mirror is for photos only. "
        "Switch it off: mirror = false in [augment]."
    ),
    "device.missing": "There is no GPU {number}: {count} are visible. See: hanzi-tui check",
    "training.devices": "Training on {devices}.",
    "training.model": (
        "{model}: {parameters} parameters, {images} images, {epochs} epochs, {steps} steps."
    ),
    "checkpoint.mismatch": (
        "The checkpoint was written by another network or optimizer ({part}). "
        "Start a new run instead of resuming this one."
    ),
    "checkpoint.damaged": "{path}: not a whole checkpoint ({detail}).",
    "checkpoint.not_saved": (
        "The checkpoint could not be written ({detail}); training goes on. Make room on the disk."
    ),
    "samples.not_written": (
        "The validation samples could not be written ({detail}); training goes on. "
        "Make room on the disk."
    ),
    "trial.failed": "The trial ended without a result: {detail}",
    # bundles
    "bundle.damaged": "{path}: {detail}. Copy the model again, or train it anew.",
    "bundle.version": "{path} has format {found}; this program reads {known}. Train it anew.",
    "bundle.no_file": "{path} holds no {file}. Train it anew, or copy the whole model.",
    "bundle.differs": (
        "The exported model answers differently from the trained one (by {difference}, "
        "{tolerance} allowed), so it was not written. Resume the run to try again."
    ),
    "bundle.mismatch": (
        "{path}: the network is {found}, its labels and normaliser say {said}. "
        "Copy the whole model again, or train it anew."
    ),
    # recognition
    "recognition.died": (
        "{path}: the recogniser's process ended while it read this image, twice. "
        "Leave the image out. Its output: {log}"
    ),
    # files
    "lock.held": (
        "{name} is being written by run {run} on {host}. Wait for it, or stop it: "
        "hanzi-tui stop {run}"
    ),
    # images
    "image.missing": "{path}: there is no such image. Check the path.",
    "image.unreadable": "{path}: cannot be read ({detail}). Check its permissions.",
    "image.none_below": "{path}: there are no images in this folder or below it.",
    "image.empty": "{path}: the file is empty (0 bytes). Copy it again from its source.",
    "image.unknown": "{path}: not an image this program can read ({detail}).",
    "image.truncated": (
        "{path}: the image is cut off or damaged ({detail}). Copy it again from its source."
    ),
    "image.too_large": (
        "{path}: {width}x{height} is more than the {max_pixels} pixels allowed. "
        "Scale it down, or raise max_pixels."
    ),
    "image.normalizer_version": (
        "This was made with version {version} of the image normaliser, and this program has "
        "version {known}. Prepare the dataset or train the model again with this program, or "
        "use the program that made it."
    ),
    "image.normalizer_invalid": (
        "The description of the image normaliser is damaged ({detail}). "
        "Copy the dataset or model again from its source, or make it again."
    ),
    **export.MESSAGES,
    **evaluation.MESSAGES,
    **machine.MESSAGES,
    **models.MESSAGES,
    **gpus.MESSAGES,
    **libraries.MESSAGES,
    **plan.MESSAGES,
    **notices.MESSAGES,
    **recipes.MESSAGES,
    **review.MESSAGES,
    **training.MESSAGES,
    **trial.MESSAGES,
    **sources.MESSAGES,
    **splits.MESSAGES,
}


class Problem(Exception):
    """An error that a user can do something about.

    Args:
        code: key of `MESSAGES`, stable across versions and languages.
        **params: values of the template's fields; JSON types only.
    """

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(word(code, params))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.code, self.params)


class StopAsked(Exception):
    """A stage ended early because somebody asked it to, see `jobs.stop`; its state is saved."""

    def __init__(self, request: str) -> None:
        super().__init__(request)
        self.request = request


def _rebuild(code: str, params: dict[str, Any]) -> Problem:
    return Problem(code, **params)


def word(code: str, params: dict[str, Any], templates: dict[str, str] = MESSAGES) -> str:
    """Returns the text of `code`, its fields filled from `params`."""
    return template(code, params, templates).format(**params)


def template(code: str, params: dict[str, Any], templates: dict[str, str] = MESSAGES) -> str:
    """Returns the text for these values: that of `CODE.one`, if there is one, where `count` is 1.

    Raises:
        KeyError: there is no such code.
    """
    one = f"{code}.one"
    return templates[one if params.get("count") == 1 and one in templates else code]
