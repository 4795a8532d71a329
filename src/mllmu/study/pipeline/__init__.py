"""From a recipe to results: the plan, the stages that carry it out, and the store of what is done."""
