"""English texts of what is wrong with a source of images, or worth telling about one."""

from __future__ import annotations

MESSAGES = {
    "source.missing": "{path}: there is no such folder or file.",
    "source.no_labels": (
        "{path} holds no label folders with images. Expected: one folder a class, "
        "named by its label, the images inside."
    ),
    "source.control_character": (
        "{path}: the folder's name holds a control character, so it cannot be a label. Rename it."
    ),
    "source.no_label_folder": "{path}: lies in no label folder. Move it into one.",
    "source.closed": "{path}: the folder cannot be listed ({detail}). Check its permissions.",
    "source.too_large": (
        "{path}: the file is larger than the {megabytes} MB allowed. "
        "Make it smaller, or raise max_file_mb."
    ),
}
