"""The code that an exported folder carries: it recognises there without this program."""
