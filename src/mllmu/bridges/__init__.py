"""What other evaluation tools and this package are to one another: lmms-eval and inspect_ai."""
