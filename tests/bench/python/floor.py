"""A plain ctypes call into Go: floor.py LIBRARY."""
import ctypes
import sys
import timeit

library = ctypes.CDLL(sys.argv[1])
library.Twice.argtypes, library.Twice.restype = [ctypes.c_int64], ctypes.c_int64
library.Echo.argtypes, library.Echo.restype = [ctypes.c_char_p, ctypes.c_int64], ctypes.c_char_p


def echo(text):
    data = text.encode()
    return library.Echo(data, len(data)).decode()


assert echo("h\u00e9") == "h\u00e9" and library.Twice(21) == 42
for what, call in (("str to str of 20 characters", "echo(text)"), ("int to int", "twice(7)")):
    times = sorted(timeit.repeat(call, globals={"echo": echo, "twice": library.Twice, "text": "abcdefghijklmnopqrst"}, number=50000, repeat=15))
    print("%-40s %6.0f ns (median %6.0f)" % ("ctypes into c-shared Go: " + what, times[0] / 50000 * 1e9, times[7] / 50000 * 1e9))
