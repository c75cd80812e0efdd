"""What a project without env.py does not have to say: which database, which driver, which models."""
