"""What somebody who runs the installation has to know, and what they do about it."""
