"""What `make bench` measures; benchmarks/README.md says how."""
