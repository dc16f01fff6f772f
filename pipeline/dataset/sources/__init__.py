"""Where labelled images come from: one room for each kind of source, each only ever read."""

from pipeline.dataset.sources.listing import Listing, Rejected, SourceImage
from pipeline.dataset.sources.names import IMAGE_SUFFIXES, is_folder, name_of
from pipeline.dataset.sources.opening import Reader, Source, open_source

__all__ = [
    "IMAGE_SUFFIXES",
    "Listing",
    "Reader",
    "Rejected",
    "Source",
    "SourceImage",
    "is_folder",
    "name_of",
    "open_source",
]
