"""Run the command line: `python -m recsys`."""

from recsys.cli.main import main

if __name__ == "__main__":
    main()
