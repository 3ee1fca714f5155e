"""Parses the Swift files named by its arguments. Exits with 1 if one of them has a place that the grammar does not take,
with 3 if there is no grammar."""

import sys

try:
    import tree_sitter
    import tree_sitter_swift
except ImportError:
    sys.exit(3)


def wrong(node):
    if node.type == "ERROR" or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from wrong(child)


def main():
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language()))
    found = 0
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            text = file.read()
        for node in wrong(parser.parse(text).root_node):
            found += 1
            line = node.start_point[0]
            print(f"{path}:{line + 1}: {text.splitlines()[line].decode()}")
    sys.exit(1 if found else 0)


main()
