"""English texts of what is wrong with a source of images, or worth telling about one."""

from __future__ import annotations

MESSAGES = {
    "source.missing": "{path}: there is no such folder or file.",
    "source.no_labels": (
        "{path} holds no label folders with images. Expected: one folder a class, "
        "named by its label, the images inside."
    ),
    "source.control_character": (
        "{path}: the folder's name holds a control character, or bytes that are no text, so it "
        "cannot be a label. Rename it."
    ),
    "source.bad_label": (
        "{path}: its label is empty or holds a control character. Correct it in the list."
    ),
    "source.no_label_folder": "{path}: lies in no label folder. Move it into one.",
    "source.closed": "{path}: cannot be read ({detail}). Check its permissions.",
    "source.too_large": (
        "{path}: the file is larger than the {megabytes} MB allowed. "
        "Make it smaller, or raise max_file_mb."
    ),
    "source.outside": (
        "{path}: the name leads out of the source, so it was not read. Move the file into it."
    ),
    "source.repeated": "{path}: is there more than once; the last one counts.",
    "source.two_labels": "{path}: stands in the list with another label, too. The first counts.",
    "source.torn": "{path}: damaged ({detail}). Copy it again from its source.",
    "source.link": "{path}: a link within an archive is not followed. Put the file itself in.",
    "source.no_file": "{path}: neither a file nor a folder, so it was not read.",
    "source.encrypted": "{path}: encrypted. Unpack the archive with its password first.",
    "source.compression": (
        "{path}: packed by method {method}, which this program cannot read. "
        "Unpack the archive first."
    ),
    "source.gnt_torn": (
        "{path}: sample {number}, at byte {place}, is cut off or damaged; the rest of the file "
        "was not read. Copy it again from its source."
    ),
    "source.gnt_label": "{path}: its label {tag} is no character in GBK.",
    "source.unmapped": "{path}: the table of labels does not know {name}. Add it to the table.",
    "source.label_file": "{path}: not a table of labels ({detail}).",
    "source.labels_from": "Labels come from {path}.",
    "source.names_in": "The archive's names are read as {encoding}.",
    "source.empty_folders.one": "{count} label folder holds no image: {names}",
    "source.empty_folders": "{count} label folders hold no image: {names}",
    "source.own_split": "The source is a tree of train, validation and test; that split is kept.",
    "source.packed": (
        "{path}: an archive that is not read where it lies. Unpack it, then take the folder: "
        "{command}"
    ),
    "source.unknown_kind": (
        "{path}: not a source. What is: a folder of label folders, a .zip or .tar of one, a .gnt "
        "file or a .zip of those, a list of paths and labels (.csv, .tsv, .txt)."
    ),
}
