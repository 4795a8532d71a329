"""What was asked for: recipes, presets, and single settings changed."""
