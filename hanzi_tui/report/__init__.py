"""An evaluation for others: a page to send, a picture of its matrix, and tables of everything."""
