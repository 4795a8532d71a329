"""How far a judge agrees with scores that people gave: hand-made pairs, weighted kappa, and its interval."""
