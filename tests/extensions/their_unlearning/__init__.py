"""What a package of somebody else's may bring: one file each, offered by entry points and nothing else."""
