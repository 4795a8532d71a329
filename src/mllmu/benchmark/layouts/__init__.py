"""The folder layouts that benchmarks are read from, one module per layout.

`mllmu.benchmark.layout_registry` collects the `FolderLayout` objects of these modules, and those that other
distributions offer in the entry-point group ``mllmu.layouts``.
"""
