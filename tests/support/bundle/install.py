"""A wheel's files and the probe module with its last line: install.py WHEEL DIGEST FOLDER."""
import os
import shutil
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
wheel, digest, folder = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder)
shutil.copy(os.path.join(HERE, "check.py"), folder)  # beside it: the folder of the program is first on sys.path
with open(os.path.join(folder, "importer.py"), "w") as file:
    file.write("import probe\nresult = probe.cached.__wrapped__('x')\n\n\ndef later():\n    return probe.cached.__wrapped__('x')\n")
with open(os.path.join(HERE, "probe.py")) as file:
    source = file.read()
names = "twice greet echo sum_ fail join spin helped cached wrapped led closed generated Holder.fixed"
line = ("""exec(getattr(__import__("sys").modules.get("gophersnake_bundle"), "line", "try:\\n from gophersnake_bundle import attach\\n"""
        """except ImportError:\\n if __import__('os').environ.get('GOPHERSNAKE') == 'strict': raise\\nelse: attach(module, unit, names)"), """
        """{"module": globals(), "unit": "%s", "names": "%s"})\n""" % (digest, names))
with open(os.path.join(folder, "probe.py"), "w") as file:
    file.write(source + line)
