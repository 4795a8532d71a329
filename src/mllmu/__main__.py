"""``python -m mllmu``: the command line, without the installed script."""

from mllmu.cli.main import main

if __name__ == "__main__":
    main()
