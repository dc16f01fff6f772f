"""The places of the dashboard, one file each."""
