"""Folders of labelled images, checked, split and packed."""
