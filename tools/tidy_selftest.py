"""Can each rule of tools/tidy fail? A small tree that is in order, then one fault at a time.

Also the other checks of the house: the purity of the core, and the marks of the RFCs."""
import os
import subprocess
import sys

import pytest

TOOLS = os.path.dirname(os.path.abspath(__file__))

GOOD = {
    "tools/layers.txt": "core/base ->\ncore/http -> core/base\nserver -> core\ncommand -> server\n"
    "tests -> *\n",
    "tools/tidy-exceptions.txt": "# none\n",
    "include/linnet/server.h": "/* The server. */\n#ifndef LINNET_SERVER_H\n"
    "#define LINNET_SERVER_H\n\nint linnet_serve(void);\n\n#endif\n",
    "core/base/span.h": "/* Spans. */\n#ifndef LN_BASE_SPAN_H\n#define LN_BASE_SPAN_H\n\n"
    "#include <stddef.h>\n\nint ln_span_len(int len);\n\n#endif\n",
    "core/base/span.c": '/* Spans. */\n#include "core/base/span.h"\n\n'
    "int ln_span_len(int len)\n{\n    return len;\n}\n",
    "core/http/date.h": "/* Dates. */\n#ifndef LN_CORE_HTTP_DATE_H\n#define LN_CORE_HTTP_DATE_H\n"
    '\n#include "core/base/span.h"\n\nint ln_date_read(int len);\n\n#endif\n',
    "core/http/date.c": '/* Dates. */\n#include "core/http/date.h"\n\n'
    "int ln_date_read(int len)\n{\n    if (len > 0) {\n        return ln_span_len(len);\n"
    "    }\n    return 0;\n}\n",
    "server/server.c": '/* The server. */\n#include "core/http/date.h"\n\n'
    "#include <linnet/server.h>\n\nint linnet_serve(void)\n{\n    return ln_date_read(2);\n}\n",
    "command/main.c": "/* The program. */\n#include <linnet/server.h>\n\nint main(void)\n{\n"
    "    return linnet_serve();\n}\n",
}


def build(folder, files):
    for path, text in files.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def tidy(folder):
    done = subprocess.run(
        [sys.executable, os.path.join(TOOLS, "tidy"), "--root", str(folder)],
        capture_output=True, text=True, check=False,
    )
    return done.returncode, done.stdout + done.stderr


def date_with(text):
    """The tree with this at the end of core/http/date.c, in a function that is used."""
    return {"core/http/date.c": GOOD["core/http/date.c"] + text}


def body(statement):
    return date_with(f"\nstatic int extra(int len)\n{{\n    {statement}\n}}\n")


def including(path, line):
    return {path: GOOD[path].replace("\n#include", f"\n{line}\n#include", 1)}


def test_good_tree_is_in_order(tmp_path):
    build(tmp_path, GOOD)
    code, words = tidy(tmp_path)
    assert code == 0, words


LONG = "\nstatic int extra(int len)\n{\n" + "    len++;\n" * 70 + "    return len;\n}\n"

FAULTS = {
    "an edge upwards": (including("core/base/span.c", '#include "core/http/date.h"'),
                        "core/base -> core/http is no allowed edge"),
    "an edge to the command": (
        {"command/run.h": "/* Run. */\n#ifndef LN_COMMAND_RUN_H\n#define LN_COMMAND_RUN_H\n"
         "#endif\n",
         **including("server/server.c", '#include "command/run.h"')},
        "server -> command is no allowed edge"),
    "the contract includes core": (
        {"include/linnet/server.h": GOOD["include/linnet/server.h"].replace(
            "\nint", '\n#include "core/base/span.h"\n\nint')},
        "the contract includes core/base/span.h"),
    "the contract includes stdio": (
        {"include/linnet/server.h": GOOD["include/linnet/server.h"].replace(
            "\nint", "\n#include <stdio.h>\n\nint")},
        "<stdio.h> in the contract"),
    "stdio in core": (including("core/http/date.c", "#include <stdio.h>"), "<stdio.h> in core"),
    "intrinsics outside base": (including("core/http/date.c", "#include <immintrin.h>"),
                                "intrinsics live in core/base"),
    "a file that is not there": (including("core/http/date.c", '#include "core/http/gone.h"'),
                                 "is no file of the tree"),
    "a room nobody planned": ({"core/extra/thing.c": "/* Thing. */\n"}, "names this room"),
    "a cycle of rooms": ({"tools/layers.txt": GOOD["tools/layers.txt"].replace(
        "core/base ->", "core/base -> core/http")}, "a cycle: core/"),
    "a cycle of files": (
        {"core/http/time.h": "/* Time. */\n#ifndef LN_HTTP_TIME_H\n#define LN_HTTP_TIME_H\n"
         '#include "core/http/date.h"\n#endif\n',
         **including("core/http/date.h", '#include "core/http/time.h"')},
        "an include cycle"),
    "a long function": (date_with(LONG), "extra has 74 lines, 70 are allowed"),
    "a long file": (date_with("/* more */\n" * 600), "the file has 610 lines, 600 are allowed"),
    "an exception nobody needs": (
        {"tools/tidy-exceptions.txt": "core/http/date.c file 700\n"}, "needs no exception"),
    "an exception grown": (
        {**date_with(LONG), "tools/tidy-exceptions.txt": "core/http/date.c extra 73\n"},
        "extra has 74 lines, 73 are allowed"),
    "an exception shrunk": (
        {**date_with(LONG), "tools/tidy-exceptions.txt": "core/http/date.c extra 99\n"},
        "has shrunk; lower its number to 74"),
    "a long Python function": (
        {"tools/thing.py": "def extra():\n" + "    pass\n" * 70}, "extra has 71 lines"),
    "strlen in core": (body('return (int)strlen("a") + len;'), "strlen() is banned in core"),
    "malloc in core": (body("return malloc(len) != 0;"), "malloc() is banned in core"),
    "printf in core": (body('return printf("%d", len);'), "printf() is banned in core"),
    "a float in core": (body("return (int)(float)len;"), "float is banned in core"),
    "errno in core": (body("return errno;"), "errno is banned in core"),
    "strcpy anywhere": (
        {"command/main.c": GOOD["command/main.c"].replace("return", "strcpy(a, b);\n    return")},
        "strcpy() is banned"),
    "signal anywhere": (
        {"command/main.c": GOOD["command/main.c"].replace("return", "signal(2, 0);\n    return")},
        "signal() is banned"),
    "a call of the system without its row": (
        {"tools/layers.txt": GOOD["tools/layers.txt"] + "drivers/system ->\n",
         "drivers/system/system_file.c": "/* Files. */\nint ln_system_close(int file)\n{\n"
         "    const int failed = LN_SYSTEM_CALL(FSTAT, fstat(file));\n"
         "    return failed + close(file);\n}\n"},
        "close() without its row of system_call.h"),
    "a nameless file": ({"core/http/date_util.h": "/* */\n"}, "the name says nothing"),
    "a nameless folder": ({"tests/common/x.txt": ""}, "the name says nothing"),
    "unfinished work": (date_with("/* FIX" + "ME */\n"), "does not reach main"),
    "no opening comment": ({"core/http/date.c": GOOD["core/http/date.c"].split("\n", 1)[1]},
                           "does not say what it is"),
    "a guard of another name": (
        {"core/http/date.h": GOOD["core/http/date.h"].replace("LN_CORE_HTTP_DATE_H", "DATE_H")},
        "is not named by the path"),
    "no guard": ({"core/http/date.h": '/* Dates. */\n#include "core/base/span.h"\n'},
                 "no header guard"),
    "a condition inside": (body("#ifdef LINNET_HOSTILE\n    len++;\n#endif\n    return len;"),
                           "a preprocessor condition inside extra"),
    "an if without braces": (body("if (len) return 1;\n    return 0;"), "if without braces"),
    "an else without braces": (body("if (len) {\n    } else len = 2;\n    return len;"),
                               "else without braces"),
    "a function nobody uses": (date_with("\nint ln_date_write(int len)\n{\n    return len;\n}\n"),
                               "nothing uses ln_date_write"),
    "a function used by itself": (
        date_with("\nint ln_date_write(int len)\n{\n    return ln_date_write(len);\n}\n"),
        "nothing uses ln_date_write"),
    "a header nobody includes": (
        {"core/http/time.h": "/* Time. */\n#ifndef LN_HTTP_TIME_H\n#define LN_HTTP_TIME_H\n"
         "#endif\n"}, "nothing includes this file"),
    "a source nobody uses": ({"core/http/time.c": "/* Time. */\nconst int ln_time_table = 1;\n"},
                             "nothing outside uses what this file defines"),
    "a name without prefix": (date_with("\nint date_write(int len)\n{\n    return len;\n}\n"),
                              "date_write has no prefix"),
    "a name of another home": (date_with("\nint ln_span_write(int len)\n{\n    return len;\n}\n"),
                               "does not say its home"),
    "a long line": (date_with("/* " + "x" * 100 + " */\n"), "columns, 100 are allowed"),
    "a tab": (date_with("/*\tx */\n"), "a tab"),
    "a blank at the end": (date_with("/* x */ \n"), "blanks at the end"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found(tmp_path, name):
    files, words = FAULTS[name]
    build(tmp_path, {**GOOD, **files})
    code, said = tidy(tmp_path)
    assert code == 1, said
    assert words in said


INNOCENT = {
    "words in comments": date_with("/* strlen( malloc( float errno printf( */\n"),
    "members of these names": body("return x->free(len) + x.signal(len) + sigaction(len);"),
    "a longer name": body("return linnet_signal(len) + my_strlen(len);"),
    "do and while": body("do {\n        len--;\n    } while (len > 0);\n    return len;"),
    "else if": body("if (len) {\n    } else if (len) {\n    }\n    return len;"),
    "an attribute": date_with(
        "\nstatic int extra(int len) __attribute__((cold));\n"
        "static int __attribute__((cold)) extra(int len)\n{\n    return len;\n}\n"),
    "static by a macro": date_with(
        "\n#define INLINE static inline\n\nINLINE int extra(int len)\n{\n    return len;\n}\n"),
    "a name made by a macro": date_with(
        "\n#define ROW(name) ln_date_##name,\n\nint ln_date_write(int len)\n{\n"
        "    return len;\n}\n"),
    "a braced table": date_with("\nstatic const int table[] = {(1), (2)};\n"),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_no_fault_is_invented(tmp_path, name):
    build(tmp_path, {**GOOD, **INNOCENT[name]})
    code, words = tidy(tmp_path)
    assert code == 0, words


def test_use_by_tests_alone_is_said(tmp_path):
    build(tmp_path, {**GOOD, **date_with("\nint ln_date_write(int len)\n{\n    return len;\n}\n"),
                     "tests/unit/date_test.c": "/* Dates. */\nint main(void)\n{\n"
                     "    return ln_date_write(1);\n}\n"})
    code, words = tidy(tmp_path)
    assert code == 0, words
    assert "used by tests alone, 1: ln_date_write" in words


# ---- purity ------------------------------------------------------------------------------------

PURE = ("static const char *const names[] = {\"a\", \"b\"};\n"
        "const char *f(int i);\nconst char *f(int i) { return names[i]; }\n")
IMPURE = {
    "a global": ("int counter = 3;\n", "counter is in .data"),
    "a zeroed global": ("int counter;\n", "counter is in .bss"),
    "a static in a function": ("int g(void);\nint g(void) { static int n; return n++; }\n",
                               " is in .bss"),
    "a thread's global": ("_Thread_local int counter = 1;\n", "counter is in .tdata"),
    "a writable table": ("char *table[] = {\"a\"};\n", "table is in .data"),
    "printf": ("int printf(const char *, ...);\nint g(int i);\n"
               "int g(int i) { return printf(\"%d\", i); }\n", "uses printf"),
    "a system call": ("int close(int);\nint g(void);\nint g(void) { return close(1); }\n",
                      "uses close"),
}


def purity(folder, text):
    source = os.path.join(folder, "core.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(["gcc", "-O2", "-fPIC", "-c", source, "-o", f"{source}.o"], check=True)
    subprocess.run(["ar", "rcs", f"{source}.a", f"{source}.o"], check=True)
    return run_purity(f"{source}.a")


def run_purity(archive):
    done = subprocess.run([sys.executable, os.path.join(TOOLS, "purity"), archive],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_pure_archive(tmp_path):
    code, words = purity(tmp_path, PURE)
    assert code == 0, words


@pytest.mark.parametrize("name", IMPURE)
def test_impure_archive(tmp_path, name):
    text, words = IMPURE[name]
    code, said = purity(tmp_path, PURE + text)
    assert code == 1
    assert words in said


def test_an_archive_of_nothing_is_not_pure(tmp_path):
    code, words = purity(tmp_path, "typedef int nothing;\n")
    assert code == 1 and "defines no function" in words
    code, words = run_purity(os.path.join(tmp_path, "missing.a"))
    assert code == 1


# ---- marks of the RFCs -------------------------------------------------------------------------


def marks(folder):
    done = subprocess.run(
        [sys.executable, os.path.join(TOOLS, "rfc-marks"), "--check", "--root", str(folder)],
        capture_output=True, text=True, check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_marks(tmp_path):
    build(tmp_path, {"core/x.c": "/* RFC 9112 6.3: why. */\n"})
    code, words = marks(tmp_path)
    assert code == 1 and "RFC 9112 6.3  core/x.c:1" in words
    build(tmp_path, {"tests/wire/x.wire": "# RFC 9112 6.3\n# RFC 9110 8\n"})
    code, words = marks(tmp_path)
    assert code == 0, words
    assert "only in tests: 1" in words
    build(tmp_path, {"core/y.c": "/* RFC 9112 section 6.3 */\n"})
    assert marks(tmp_path)[0] == 1
