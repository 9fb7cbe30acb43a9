"""The catalogue: exported from a shop, imported with its pictures, read by everything else."""
