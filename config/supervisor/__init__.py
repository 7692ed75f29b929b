"""`manage.py run`: every part of the project as a child of one foreground process."""
