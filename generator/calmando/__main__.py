"""``python -m calmando`` is the ``calmando`` command."""

from calmando.cli import main

if __name__ == "__main__":
    main()
