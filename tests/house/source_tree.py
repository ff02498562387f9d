"""The source tree as the house rules see it, and the frame of every rule's test."""

import os
import tempfile
import unittest

ROOT = os.environ.get("COUNTERSIGN_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED_FOLDERS = {".git", "build", ".cache", "__pycache__", "node_modules"}


def files(root, *tops):
    """Paths of all files below the tops (default: everywhere), relative to the root, sorted."""
    found = []
    for top in tops or ("",):
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def text_of(root, path):
    """The text of a file; absent when it is not UTF-8 text."""
    with open(os.path.join(root, path), "rb") as file:
        content = file.read()
    try:
        return None if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def folders(root, top):
    path = os.path.join(root, top)
    if not os.path.isdir(path):
        return []
    return sorted(name for name in os.listdir(path) if os.path.isdir(os.path.join(path, name)) and name not in SKIPPED_FOLDERS)


def write_tree(root, tree):
    for path, text in tree.items():
        target = os.path.join(root, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)


class RuleTest(unittest.TestCase):
    """A rule is a function from a root to a list of mistakes. Its self-tests show a tree that it must, or must not, object to."""

    maxDiff = None

    def mistakes_in(self, rule, tree):
        with tempfile.TemporaryDirectory(prefix="house-") as root:
            write_tree(root, tree)
            return rule(root)

    def assert_obeyed(self, rule):
        mistakes = rule(ROOT)
        if mistakes:
            self.fail(f"{len(mistakes)} mistakes:\n  " + "\n  ".join(mistakes))

    def assert_allowed(self, rule, tree):
        self.assertEqual(self.mistakes_in(rule, tree), [])

    def assert_forbidden(self, rule, tree, words):
        """Exactly one mistake, and it names these words."""
        mistakes = self.mistakes_in(rule, tree)
        self.assertEqual(len(mistakes), 1, mistakes)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, mistakes[0])
