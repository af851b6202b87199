"""The files that runs of the sandbox leave for each other."""
import json


def lines(path):
    """The documents of a file of one a line; what a killed process left half-written is no document."""
    try:
        with open(path, "rb") as file:
            for line in file:
                try:
                    row = json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError):
                    continue
                if isinstance(row, dict) and isinstance(row.get("k"), str):
                    yield row
    except OSError:
        return


def files_of(inventory):
    return {module["file"]: module["name"] for module in inventory["modules"] if "error" not in module}


def modules_of(inventory):
    """Those that can be imported for their definitions: __main__ would run a program."""
    return [module["name"] for module in inventory["modules"] if "error" not in module and not module["name"].endswith("__main__")]
