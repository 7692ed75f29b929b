"""What `make bench` measures: real processes on this machine, each figure beside a floor of the same run."""
