# Reads typeshed's stubs of the standard library, and gives what they declare as JSON. `stubs` is their folder, `versions` and
# `platforms` are what to read them for; asyncioNames.ts sets all three.
import ast
import json
from pathlib import Path


def holds(test, version, platform):
    """Whether the condition of an `if` in a stub holds."""
    if isinstance(test, ast.BoolOp):
        parts = [holds(part, version, platform) for part in test.values]
        return all(parts) if isinstance(test.op, ast.And) else any(parts)
    compared = {"sys.version_info": version, "sys.platform": platform}[ast.unparse(test.left)]
    other = ast.literal_eval(test.comparators[0])
    operators = {
        ast.GtE: lambda: compared >= other,
        ast.Lt: lambda: compared < other,
        ast.Eq: lambda: compared == other,
        ast.NotEq: lambda: compared != other,
    }
    return operators[type(test.ops[0])]()


def statements(body, version, platform):
    """The statements of a module or class as that version sees them on that platform."""
    for node in body:
        if isinstance(node, ast.If):
            yield from statements(node.body if holds(node.test, version, platform) else node.orelse, version, platform)
        else:
            yield node


def module(path, version, platform):
    return list(statements(ast.parse((Path(stubs) / path).read_text()).body, version, platform))


def exported(path, version, platform):
    """What `__all__` of a module lists, without what is private."""
    names = []
    for node in module(path, version, platform):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = list(ast.literal_eval(node.value))
        elif isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "__all__":
            names += ast.literal_eval(node.value)
    return [name for name in names if not name.startswith("_")]


def members(path, class_name, version, platform):
    """The public methods and attributes that a class declares itself."""
    names = []
    for node in module(path, version, platform):
        if not isinstance(node, ast.ClassDef) or node.name != class_name:
            continue
        for member in statements(node.body, version, platform):
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
                names.append(member.name)
            elif isinstance(member, ast.AnnAssign):
                names.append(member.target.id)
    return [name for name in dict.fromkeys(names) if not name.startswith("_")]


def where(read):
    """Names, each with the versions and platforms that have it; an empty list stands for all of them."""
    places = {}
    for version in versions:
        for platform, key in platforms.items():
            for name in read(tuple(map(int, version.split("."))), key):
                places.setdefault(name, []).append(f"{version} {platform}")
    everywhere = len(versions) * len(platforms)
    return {name: [] if len(found) == everywhere else found for name, found in sorted(places.items())}


json.dumps(
    {
        "modules": {name: where(lambda v, p: exported(path, v, p)) for name, path in modules.items()},
        "members": {
            name: where(lambda v, p: members(path, name.split(".")[-1], v, p)) for name, path in classes.items()
        },
    }
)
