"""English texts about recipes, the pictures they want, and the command lines of old scripts."""

from __future__ import annotations

MESSAGES = {
    "recipe.pictures": (
        "The dataset {dataset} holds pictures of {size}x{size}x{channels}; wanted are "
        "{size_wanted}x{size_wanted}x{channels_wanted}. Prepare them, with the same split: "
        "{command}   "
        "Or go on with these: --dataset.size {size} --dataset.channels {channels}"
    ),
    "usage.not_square": (
        "Pictures are square here: --img_height {height} and --img_width {width} differ. "
        "Take the larger for both; what is missing is filled with the background."
    ),
    "usage.one_folder": (
        "--train_data_dir and --test_data_dir come together. "
        "From one folder: hanzi-tui prepare FOLDER, which divides it."
    ),
    "usage.prepared": (
        "{flags}: a prepared dataset keeps what it was made with. Say that to hanzi-tui prepare, "
        "or name --train_data_dir and --test_data_dir."
    ),
    "usage.several_datasets": "Name one of the prepared datasets: {there}.",
    "plot.no_epoch": "Run {run} has no finished epoch yet, so there is nothing to draw.",
    "plot.not_training": "Run {run} is no training, so it has no curves.",
    "plot.suffix": "{path}: a plot is a .png, .svg or .csv file.",
    "plot.unwritable": "{path}: cannot be written ({detail}).",
    "curves.not_written": (
        "The picture of the curves could not be written ({detail}). Draw it later: "
        "hanzi-tui plot {run} -o curves.png"
    ),
    "tensorboard.not_written": (
        "The logs for TensorBoard could not be written ({detail}); training goes on."
    ),
    "tensorboard.none": "There is no training to show in {folder} yet.",
    "tensorboard.no_port": (
        "TensorBoard could not be started on port {port} ({detail}). Take another: --port"
    ),
}
