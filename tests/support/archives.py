#!/usr/bin/env python3
"""Writes good and hostile archives for tests/unit/core/test_archive.c into a folder, and `manifest`:
a line each, "name<TAB>ok" or "name<TAB>bad<TAB>what the error must say".
"""
import bz2
import gzip
import io
import lzma
import os
import stat
import sys
import tarfile
import warnings
import zipfile

warnings.simplefilter("ignore")  # duplicates are what we want
folder = sys.argv[1]
manifest = []


def note(name, expected):
    manifest.append(f"{name}\tok" if expected is None else f"{name}\tbad\t{expected}")


def write(name, data, expected=None):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)
    note(name, expected)


class Member:
    def __init__(self, name, data=b"x", kind=tarfile.REGTYPE, target="", mode=0o644):
        self.name, self.data, self.kind, self.target, self.mode = name, data, kind, target, mode


def tar(members, form=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as archive:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type, info.linkname, info.mode, info.mtime = member.kind, member.target, member.mode, 1700000000
            if member.kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
                info.devmajor = info.devminor = 1
            info.size = len(member.data) if member.kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(member.data))
    return out.getvalue()


def make_zip(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, (2023, 11, 14, 22, 13, 20))
            info.create_system = 3
            info.compress_type = method
            kinds = {tarfile.SYMTYPE: stat.S_IFLNK, tarfile.DIRTYPE: stat.S_IFDIR, tarfile.FIFOTYPE: stat.S_IFIFO,
                     tarfile.CHRTYPE: stat.S_IFCHR}
            info.external_attr = (kinds.get(member.kind, stat.S_IFREG) | member.mode) << 16
            data = member.target.encode() if member.kind == tarfile.SYMTYPE else member.data
            archive.writestr(info, b"" if member.kind == tarfile.DIRTYPE else data)
    return out.getvalue()


def both(name, members, expected=None):
    write(f"{name}.tar.gz", gzip.compress(tar(members), 1), expected)
    write(f"{name}.whl", make_zip(members), expected)


SYM, LNK, DIR = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE

# ---- good ones
tree = [
    Member("pkg", kind=DIR, mode=0o777), Member("pkg/__init__.py", b"answer = 42\n"), Member("pkg/sub/deep/data.bin", bytes(100000)),
    Member("pkg/run", b"#!/bin/sh\n", mode=0o6777), Member("pkg/größe/日本語.txt", "ä".encode()), Member("pkg/empty", b""),
    Member("pkg", kind=DIR), Member("pkg-1.0.dist-info/METADATA", b"Name: pkg\n"),
]
both("good", tree)
write("good.tar", tar(tree))
write("good.tar.bz2", bz2.compress(tar(tree)))
write("good.tar.xz", lzma.compress(tar(tree)))
write("good-gnu.tar", tar(tree, tarfile.GNU_FORMAT))
write("good-stored.zip", make_zip(tree, zipfile.ZIP_STORED))
both("good-dots", [Member("./pkg/./__init__.py"), Member("./pkg//b.py")])
both("depth", [Member("p-1/p.egg-info/PKG-INFO", b"wrong"), Member("PKG-INFO", b"root"), Member("p-1/PKG-INFO", b"right"),
               Member("p-1/x/PKG-INFO", b"wrong")])
write("good-nothing.tar", tar([]))
write("nothing.zip", make_zip([]), "")
write("good-links.tar.gz", gzip.compress(tar([
    Member("a/b/file", b"linked"), Member("a/up", kind=SYM, target="b/file"), Member("a/b/root", kind=SYM, target="../../c"),
    Member("hard", kind=LNK, target="a/b/file"), Member("dangling", kind=SYM, target="nowhere"), Member("c", b"c")])))


class Stream(io.RawIOBase):  # not seekable: zipfile writes data descriptors
    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


stream = Stream()
with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("pkg/streamed.py", b"pass\n" * 1000)
write("good-streamed.whl", stream.data)
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as archive:
    with archive.open("pkg/large.py", "w", force_zip64=True) as file:
        file.write(b"pass\n")
write("good-zip64.whl", out.getvalue())

# ---- out of the folder
both("climb", [Member("../evil")], "climbs")
both("climb-within", [Member("a/../b")], "climbs")
both("climb-deep", [Member("a/b/../../../evil")], "climbs")
both("absolute", [Member("/tmp/gophersnake-evil")], "absolute")
both("link-out", [Member("a", kind=SYM, target="../evil")], "leaves")
both("link-out-deep", [Member("a/b/c", kind=SYM, target="../../../evil")], "leaves")
both("link-absolute", [Member("a", kind=SYM, target="/etc/passwd")], "leaves")
both("link-back", [Member("a", kind=SYM, target="b/../../evil")], "leaves")
# Each link alone looks harmless; through d, d/../.. is outside.
both("link-hop", [Member("p/q/d", kind=SYM, target="../../r"), Member("r/x"), Member("e", kind=SYM, target="p/q/d/../..")], "leaves")
both("link-parent", [Member("a", kind=SYM, target="..")], "leaves")
both("through-link", [Member("a", kind=SYM, target="b"), Member("b/x"), Member("a/evil")], "something else")
both("through-file", [Member("a"), Member("a/evil")], "something else")
both("folder-then-file", [Member("a/x"), Member("a")], "something else")
write("hard-out.tar", tar([Member("a", kind=LNK, target="../../etc/passwd")]), "climbs")
write("hard-absolute.tar", tar([Member("a", kind=LNK, target="/etc/passwd")]), "absolute")
write("hard-nothing.tar", tar([Member("a", kind=LNK, target="b"), Member("b")]), "not a file before it")
write("hard-symlink.tar", tar([Member("s", kind=SYM, target="x"), Member("a", kind=LNK, target="s")]), "not a file before it")
write("hard-folder.tar", tar([Member("d", kind=DIR), Member("a", kind=LNK, target="d")]), "not a file before it")

# ---- what is no file
write("device.tar", tar([Member("null", kind=tarfile.CHRTYPE)]), "a device")
write("block.tar", tar([Member("disk", kind=tarfile.BLKTYPE)]), "a device")
write("fifo.tar", tar([Member("pipe", kind=tarfile.FIFOTYPE)]), "a FIFO")
write("fifo.whl", make_zip([Member("pipe", kind=tarfile.FIFOTYPE)]))  # it has content: a regular file, as for pip
write("device.whl", make_zip([Member("null", kind=tarfile.CHRTYPE)]), "a device")

# ---- names
both("newline", [Member("a\nb")], "U+000A")
both("escape", [Member("a\x1b[2Jb")], "U+001B")
both("turned", [Member("a\u202egnp.exe")], "U+202E")
both("invisible", [Member("a\u200bb")], "U+200B")
write("backslash.tar", tar([Member("a\\..\\b")]), "backslash")
write("backslash.whl", make_zip([Member("a\\..\\b")]), "climbs")  # zips of Windows: libarchive makes slashes of them
write("backslash-too.whl", make_zip([Member("a/x\\..\\b")]), "backslash")
both("git", [Member(".git/config")], ".git")
both("git-deep", [Member("a/b/.GiT/hooks/x")], ".git")
both("git-dot", [Member("a/.git. /x")], ".git")
both("git-short", [Member("GIT~1/x")], ".git")
both("long-part", [Member("x" * 256)], "longer than 255")
both("long-path", [Member("/".join(["x" * 100] * 11))], "longer than 1024")
both("deep", [Member("/".join(["x"] * 201))], "more than 200 parts")
write("latin1.tar", tar([Member("caf\udce9.py")], tarfile.GNU_FORMAT), "UTF-8")
data = make_zip([Member("cafE.py")])
write("latin1.whl", data.replace(b"cafE.py", b"caf\xe9.py"), "UTF-8")

# ---- twice
both("twice", [Member("a/b"), Member("a/b", b"other")], "twice")
both("twice-dotted", [Member("a/b"), Member("./a//b")], "twice")
both("case", [Member("README"), Member("readme")], "differ only in case")
both("case-folder", [Member("Foo/a"), Member("foo/b")], "differ only in case")
both("case-greek", [Member("ΣΟΦΟΣ"), Member("σοφος")], "differ only in case")
both("case-long-s", [Member("s"), Member("ſ")], "differ only in case")
both("accents", [Member("caf\u00e9"), Member("cafe\u0301")], "twice")
write("accents-gnu.tar", tar([Member("caf\u00e9"), Member("cafe\u0301")], tarfile.GNU_FORMAT), "twice")
both("link-twice", [Member("a"), Member("a", kind=SYM, target="b")], "twice")

# ---- bombs
both("bomb", [Member("a.py", b"fine"), Member("zeros", bytes(60_000_000))], "times its size")
sparse = bytearray(tar([Member("sparse", b"x" * 512)], tarfile.GNU_FORMAT))
sparse[156:157] = b"S"  # GNU sparse: 8 GiB less one, of which 512 bytes are there
sparse[386:398], sparse[398:410] = b"00000000000\0", b"00000001000\0"
sparse[483:495] = b"77777777777\0"
sparse[148:156] = b" " * 8
sparse[148:156] = b"%06o\0 " % sum(sparse[:512])
write("sparse.tar", bytes(sparse), "larger than")

# ---- damaged
good = gzip.compress(tar(tree), 1)
for part in (1, 2, 3):
    write(f"cut{part}.tar.gz", good[: len(good) * part // 4], "")
write("cut.tar.bz2", bz2.compress(tar(tree))[:-200], "")
write("cut.tar.xz", lzma.compress(tar(tree))[:-100], "")
write("cut.tar", tar(tree)[:1536 + 100], "")
whole = make_zip(tree)
write("cut.whl", whole[: len(whole) // 2], "")
write("cut-end.whl", whole[:-10], "")
at = whole.index(b"PK\1\2")
for name, offset in (("crc", 16), ("size", 24)):  # in the central directory
    damaged = bytearray(make_zip([Member("a", b"some bytes" * 100)]))
    at = damaged.index(b"PK\1\2") + offset
    damaged[at] ^= 0xFF
    local = damaged.index(b"PK\3\4") + offset - 2
    damaged[local] ^= 0xFF
    write(f"bad-{name}.whl", bytes(damaged), "")
damaged = bytearray(make_zip([Member("a", bytes(range(256)) * 100)], zipfile.ZIP_STORED))
damaged[5000] ^= 1
write("bad-content.whl", bytes(damaged), "CRC")
damaged = bytearray(make_zip([Member("a", b"secret" * 100)]))
damaged[6] |= 1
damaged[damaged.index(b"PK\1\2") + 8] |= 1
write("encrypted.whl", bytes(damaged), "encrypted")
write("empty.whl", b"", "")
write("empty.tar.gz", b"", "")
write("garbage.whl", os.urandom(5000), "")
write("garbage.tar.gz", b"\x1f\x8b" + os.urandom(5000), "")
write("text.tar.gz", b"<html>404</html>" * 100, "")

# ---- other formats: a filter or format that is not on the list is not tried
write("tar-as-wheel.whl", tar(tree), "")
write("lzma-alone.tar.lzma", lzma.compress(tar(tree), format=lzma.FORMAT_ALONE), "")
write("cpio.tar", b"070701" + b"%08X" % 1 * 13 + b"a\0", "")
write("ar.tar", b"!<arch>\nfile/           0           0     0     644     4         `\ndata", "")
write("shar.tar", b"#!/bin/sh\n# This is a shell archive\n", "")

with open(os.path.join(folder, "manifest"), "w") as file:
    file.write("\n".join(manifest) + "\n")
