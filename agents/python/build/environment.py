"""Imported by the environment's .pth file at the start of each interpreter: the wheels that lie side by side, and their .pth files."""
import site
import sys

with open(sys.prefix + "/paths", encoding="utf-8") as lines:
    for line in lines:
        site.addsitedir(sys.prefix + "/" + line.rstrip("\n"))
