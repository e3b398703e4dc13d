"""A resident Python interpreter that runs cells as IPython does, without IPython."""
