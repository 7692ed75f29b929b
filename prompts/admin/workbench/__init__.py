"""The workbench of a prompt type: writing, trying out, comparing and activating versions in one place."""
