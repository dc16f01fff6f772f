"""English texts about judging a model."""

from __future__ import annotations

MESSAGES = {
    "evaluation.normalizer": (
        "The model {model} takes other pixels than the dataset {dataset} holds ({changed}). "
        "Prepare the dataset with the model's settings, or judge by its source: --source FOLDER"
    ),
    "evaluation.no_common_label": "The model {model} knows none of the labels of {dataset}.",
    "evaluation.unknown_labels.one": (
        "{count} class of the dataset is unknown to the model and counts as wrong: {names}"
    ),
    "evaluation.unknown_labels": (
        "{count} classes of the dataset are unknown to the model and count as wrong: {names}"
    ),
    "evaluation.trained_on": (
        "THE MODEL WAS TRAINED ON THESE IMAGES: the numbers say nothing about others. "
        "Take the split test."
    ),
    "evaluation.partly_trained_on": (
        "THE MODEL WAS TRAINED ON {count} OF THESE {total} IMAGES: the numbers are too good."
    ),
    "evaluation.chosen_by": (
        "These images chose the model's best epoch: the numbers are a little too good."
    ),
    "evaluation.training_unknown": (
        "Whether the model {model} was trained on these images cannot be told: its dataset "
        "{dataset} is not in the workspace."
    ),
    "evaluation.no_dataset": (
        "The model {model} does not say which dataset it was trained on. "
        "Name one, or judge by a folder: --source FOLDER"
    ),
    "evaluation.no_images": "{source} has no images of the split {split}. Choose another --split.",
    "evaluation.not_finite": (
        "{path}: the network answers with numbers that are none (NaN or infinite), so the model is "
        "of no use. Train it anew, with a smaller learning_rate."
    ),
    "evaluation.other_dataset": (
        "The dataset {dataset} was prepared anew since the evaluation {run}, so its images are "
        "others. Evaluate again."
    ),
    "evaluation.no_results": (
        "The run {run} holds no evaluation. Make one: hanzi-tui evaluate MODEL"
    ),
    "evaluation.damaged": "{path}: the evaluation cannot be read ({detail}). Evaluate again.",
    "evaluation.no_epoch": (
        "The run {run} keeps no checkpoint of epoch {epoch}; it keeps those of {there}. "
        "Say --at best, --at last or one of these."
    ),
    "evaluation.not_a_training": "The run {run} is no training, so it has no checkpoint to judge.",
    "evaluation.no_checkpoint": "The run {run} keeps no whole checkpoint. Resume it for an epoch.",
    "report.not_evaluated": (
        "The model of the training {run} has not been evaluated. "
        "Do it: hanzi-tui evaluate {what}"
    ),
    "report.suffix": (
        "{path}: a report is written as .html, .png, .json, as a table such as classes.csv, or, "
        "without a suffix, as a folder of all these."
    ),
    "report.no_table": "The evaluation has no table {name}. It has {there}.",
    "report.unwritable": "{path} cannot be written: {detail}. Name another place with -o.",
    "comparison.other_images": (
        "{first} and {second} judged different images: {common} are the same, {only_first} only "
        "the first judged and {only_second} only the second. Evaluate both on one split."
    ),
}  # fmt: skip
