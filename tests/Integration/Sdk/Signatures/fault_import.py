import no_such_package


def f(): pass
