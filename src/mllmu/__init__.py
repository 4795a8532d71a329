"""Benchmark and workbench for multimodal machine unlearning."""
