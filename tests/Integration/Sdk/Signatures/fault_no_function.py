VALUE = 1


def _private():
    pass
