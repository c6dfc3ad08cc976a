"""Reading C for tools/tidy: enough of the language to find functions, includes and names.

A source is kept twice: as written, and "bare", where comments and the contents of literals are
blanks of the same length. Offsets and lines agree in both. This is no parser: it relies on the
layout that clang-format and the compiler's warnings already enforce.
"""
import bisect
import re

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
_WORD = re.compile(r"[A-Za-z_]\w*")
_STATIC_MACRO = re.compile(r"#[ \t]*define[ \t]+(\w+)[ \t]+(?:\w+[ \t]+)*static\b")
_STRUCTURE = re.compile(r"[{}();=]")


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def _blank_token(match):
    token = match.group(0)
    if token[0] == "/":
        return _blank(token)
    return token[0] + _blank(token[1:-1]) + token[-1]


class Function:
    """A function with a body: where its name, body and end are, as offsets and lines."""

    def __init__(self, name, is_static, name_at, body_at, end_at):
        self.name = name
        self.is_static = is_static
        self.name_at = name_at
        self.body_at = body_at
        self.end_at = end_at


class Source:
    """One C file."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.bare = _TOKEN.sub(_blank_token, text)
        self._line_starts = [0] + [m.end() for m in re.finditer(r"\n", text)]
        self.directives = [(m.start(), m.end()) for m in _DIRECTIVE.finditer(self.bare)]
        # Without directives the braces balance: a macro's body is not part of the file's shape.
        self.shape = _DIRECTIVE.sub(lambda m: _blank(m.group(0)), self.bare)
        self.functions = []
        self._static = {"static", *_STATIC_MACRO.findall(self.bare)}
        self._depths = [(0, 0)]
        self._find_functions()

    def line(self, offset):
        return bisect.bisect_right(self._line_starts, offset)

    def depth(self, offset):
        """How many braces are open there; 0 is the level of declarations."""
        at = bisect.bisect_right(self._depths, (offset, 1 << 30)) - 1
        return self._depths[at][1]

    def outside(self):
        """The shape without what stands in braces."""
        text = []
        at = depth = 0
        for begin, next_depth in [*self._depths[1:], (len(self.shape), 0)]:
            text.append(self.shape[at:begin] if depth == 0 else "")
            at, depth = begin, next_depth
        return "".join(text)

    def in_directive(self, offset):
        at = bisect.bisect_right(self.directives, (offset, 1 << 60)) - 1
        return at >= 0 and offset < self.directives[at][1]

    def includes(self):
        """(line, is_system, name). Read from the text, because the names are literals."""
        for match in _INCLUDE.finditer(self.text):
            if self.bare[match.start() : match.start(1)].strip():
                yield self.line(match.start(1)), match.group(1) == "<", match.group(2)

    def words(self):
        for match in _WORD.finditer(self.bare):
            yield match.group(0), match.start()

    def closing(self, opening_at):
        """The offset of the parenthesis that closes the one there, or -1."""
        depth = 0
        for match in re.finditer(r"[()]", self.shape[opening_at:]):
            depth += 1 if match.group(0) == "(" else -1
            if depth == 0:
                return opening_at + match.start()
        return -1

    def _find_functions(self):
        depth = 0
        start = 0
        begun = None
        for match in _STRUCTURE.finditer(self.shape):
            char, at = match.group(0), match.start()
            if char == "{":
                if depth == 0:
                    begun = self._function_before(start, at)
                depth += 1
                self._depths.append((at, depth))
            elif char == "}":
                depth -= 1
                self._depths.append((at + 1, depth))
                if depth == 0:
                    if begun:
                        begun.end_at = at
                        self.functions.append(begun)
                    begun = None
                    start = at + 1
            elif char == ";" and depth == 0:
                start = at + 1

    def _function_before(self, start, brace_at):
        """The function whose body opens at brace_at, or None if it is a type or a value."""
        head = self.shape[start:brace_at]
        if "=" in head or not head.rstrip().endswith(")"):
            return None
        end = len(head.rstrip())
        while True:
            opening = self._opening_before(head, end - 1)
            match = re.search(r"([A-Za-z_]\w*)\s*$", head[:opening])
            if not match:
                return None
            if match.group(1) != "__attribute__":
                break
            end = len(head[: match.start()].rstrip())
        is_static = not self._static.isdisjoint(_WORD.findall(head[: match.start()]))
        return Function(match.group(1), is_static, start + match.start(1), brace_at, brace_at)

    @staticmethod
    def _opening_before(head, closing_at):
        depth = 0
        for at in range(closing_at, -1, -1):
            if head[at] == ")":
                depth += 1
            elif head[at] == "(":
                depth -= 1
                if depth == 0:
                    return at
        return 0
