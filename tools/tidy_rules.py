"""The rules of tools/tidy about one C file at a time. Each yields (line, what is wrong; what to
do). The rules about the tree are in tools/tidy itself."""
import re

PRODUCT = ("core", "drivers", "server", "command", "http2", "tls", "ports")
PREFIXED = ("core", "drivers", "server", "http2", "tls", "ports")

FUNCTION_LINES_MAX = 70

_EVERYWHERE = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|gets|strtok|signal|system)\s*\(")
_CORE_CALL = re.compile(
    r"(?<![\w.>])(malloc|calloc|realloc|free|aligned_alloc|posix_memalign|strdup|alloca"
    r"|strlen|atoi|atol|atoll|strtol|strtoll|strtoul|strtoull|strtod"
    r"|v?f?printf|v?sn?printf|v?dprintf|puts|putchar|perror|setlocale|time|gettimeofday"
    r"|clock_gettime)\s*\("
)
_CORE_WORD = re.compile(r"\b(float|double|errno)\b")
_SYSTEM_CALL = re.compile(
    r"(?<![\w.>])(accept4?|bind|chmod|close|connect|epoll_(?:create1|ctl|p?wait2?)|eventfd|fcntl"
    r"|fstat|getsockname|io_uring_enter|listen|lstat|open(?:at)?|p?poll|preadv?|readv?"
    r"|recv(?:from|msg)?|send(?:to|msg|file)?|setsockopt|shutdown|socket(?:pair)?|splice|stat"
    r"|syscall|unlink|writev?)\s*\("
)
# In ports: what a start-up and lwIP call by names of their own.
_CALLED_BY_OTHERS = {"main", "sys_now"}
_CONDITIONAL = re.compile(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b")
_CONTROL = re.compile(r"\b(if|for|while|switch)\b(?=\s*\()|\b(else|do)\b")


def opens_with_comment(source):
    if not re.match(r"\s*(/\*|//)", source.text):
        yield 1, "the file does not say what it is; open it with a comment, before any include"


def guard(source):
    if not source.path.endswith(".h"):
        return
    match = re.search(r"^#ifndef (\w+)\n#define (\w+)\s*$", source.bare, re.M)
    parts = [re.sub(r"\W", "_", p).upper() for p in source.path.split("/")]
    least = 1 if len(parts) == 1 else 2
    suffixes = ["_".join(parts[i:]) for i in range(len(parts) - least + 1)]
    good = [prefix + suffix for suffix in suffixes for prefix in ("", "LN_", "LINNET_")]
    wanted = suffixes[-1] if source.path.startswith("include/linnet/") else "LN_" + suffixes[-1]
    if not match or match.group(1) != match.group(2):
        yield 1, f"no header guard; write #ifndef {wanted} and #define {wanted}"
    elif match.group(1) not in good:
        line = source.line(match.start())
        yield line, f"the guard {match.group(1)} is not named by the path; call it {wanted}"


def function_lines(source):
    """Yields (line, name, lines); the caller knows the exceptions."""
    for function in source.functions:
        first = source.line(function.name_at)
        yield first, function.name, source.line(function.end_at) - first + 1


def no_conditional_inside(source):
    for start, end in source.directives:
        if _CONDITIONAL.match(source.bare[start:end]):
            for function in source.functions:
                if function.body_at < start < function.end_at:
                    yield source.line(start), (
                        f"a preprocessor condition inside {function.name}; "
                        "write one function for each case, chosen outside"
                    )


def braces(source):
    shape = source.shape
    for match in _CONTROL.finditer(shape):
        at = match.end()
        if match.group(1):
            closing = source.closing(shape.index("(", at))
            if closing < 0:
                continue
            at = closing + 1
        rest = shape[at:].lstrip()[:3]
        if rest[:1] == "{" or match.group(0) == "else" and re.match(r"if\b", rest):
            continue
        if match.group(0) == "while" and _ends_do(shape, match.start()):
            continue
        yield source.line(match.start()), f"{match.group(0)} without braces; add them"


def _ends_do(shape, while_at):
    """Is this the while of do { } while? Then a closing brace stands before it."""
    return shape[:while_at].rstrip().endswith("}") and ";" in shape[while_at : while_at + 400]


def banned(source):
    for match in _EVERYWHERE.finditer(source.bare):
        yield source.line(match.start()), f"{match.group(1)}() is banned; see style rule 21"
    if not source.path.startswith("core/"):
        return
    for match in _CORE_CALL.finditer(source.bare):
        yield source.line(match.start()), (
            f"{match.group(1)}() is banned in core; the core allocates nothing, prints nothing "
            "and reads no clock"
        )
    for match in _CORE_WORD.finditer(source.bare):
        yield source.line(match.start()), f"{match.group(1)} is banned in core; see style rule 21"


def system_calls(source):
    """Each call of the system goes through its row, so that it can be made to fail."""
    if not source.path.startswith("drivers/system/") or not source.path.endswith(".c"):
        return
    if source.path.endswith("/system_fault.c"):
        return
    for match in _SYSTEM_CALL.finditer(source.bare):
        begin = max(source.bare.rfind(mark, 0, match.start()) for mark in ";{}")
        if "LN_SYSTEM_" not in source.bare[begin + 1 : match.start()]:
            yield source.line(match.start()), (
                f"{match.group(1)}() without its row of system_call.h; write LN_SYSTEM_CALL(...)"
            )


def names(source):
    """Non-static functions carry the project's prefix and their file's or room's noun."""
    if source.path.split("/")[0] not in PREFIXED or not source.path.endswith(".c"):
        return
    nouns = _nouns(source.path)
    for function in source.functions:
        if function.is_static or function.name.startswith("linnet_"):
            continue
        if source.path.startswith("ports/") and function.name in _CALLED_BY_OTHERS:
            continue
        line = source.line(function.name_at)
        if not function.name.startswith("ln_"):
            yield line, f"{function.name} has no prefix; make it static or call it ln_..."
        elif not any(re.match(rf"ln_{noun}(_|$)", function.name) for noun in nouns):
            yield line, (
                f"{function.name} does not say its home; begin it with ln_"
                f"{' or ln_'.join(sorted(nouns, key=len)[:2])}, or move it"
            )


def _nouns(path):
    parts = path[: -len(".c")].split("/")[-2:]
    nouns = set()
    for part in parts:
        noun = part.split("_")[0]
        nouns |= {noun, noun.rstrip("s") or noun, noun + "s"}
    return nouns


EACH_FILE = (opens_with_comment, guard, no_conditional_inside, braces, banned, system_calls,
             names)
