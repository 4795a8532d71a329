"""Cards: what a model that is given away says about itself."""
