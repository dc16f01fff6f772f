"""The sub-commands, one small file each; nothing heavy is imported at the top."""
