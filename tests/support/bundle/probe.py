"""Functions with a native twin (native.go.txt). Where the two differ, a result tells which one ran; that is the point."""
import functools
import warnings


class Base:
    def shape(self, x):
        return format(x)


class Tool(Base):
    suffix = ""

    def use(self, x):
        return self.shape(x) + self.suffix


MARK, TABLE, lazily = "", [], None


def kept():
    global lazily
    if lazily is None:
        lazily = []
    return lazily


def deepest(x):
    return Tool().use(x) + MARK + "".join(TABLE) + "".join(kept()) if warnings.formatwarning else ""


def helper(x):
    return "helper " + deepest(x)


def twice(x):
    return x * 2


def greet(name, greeting="hello", times=1, **kw):
    """Greets."""
    return (greeting + " " + name + kw.get("end", "")) * times


def echo(value):
    return value


def sum_(*xs):
    return sum(xs)


def fail(how):
    if how in ("value", "raise"):
        raise ValueError("python", how)  # a line that tests look for
    if how == "bridged":
        warnings.warn("careful", stacklevel=2)
    return "python " + str(how)


def join(parts):
    return [part + "!" for part in parts]


def spin(n):
    return -1


def helped(x):
    return helper(x)


@functools.lru_cache(maxsize=None)
def cached(x):
    return "python"


def decorate(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner


@decorate
def wrapped(x, y="y"):
    return "python"


def decorate_first(function):
    @functools.wraps(function)
    def inner(first, *args, **kwargs):
        return function(first, *args, **kwargs)
    return inner


@decorate_first
def led(x, y="y"):
    return "python"


def make():
    free = "free"

    def closed(x):
        return "python " + free if x != "in" else (lambda: x)()
    return closed


closed = make()


def generated(x):
    yield x


class Holder:
    @staticmethod
    def fixed(x):
        return "python"


alias = twice
