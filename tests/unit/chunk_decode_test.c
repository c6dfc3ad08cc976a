/* Does the chunked decoder give the content of RFC 9112 7.1, refuse the rest at its first byte, and
 * the same at every split?
 *
 * A body that is refused is written up to the byte that must refuse it: one byte less is "more". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/table/leniency.h"
#include "tests/lib/chunk_subject.h"

static void expect_with(struct linnet_span bytes, unsigned leniencies, const char *expected)
{
    struct ln_chunk_limits limits = chunk_subject_limits;
    limits.leniencies = leniencies;
    assert_string_equal(chunk_subject_feed(bytes, &limits), expected);
    if (bytes.len > 0) {
        struct linnet_span shorter = {bytes.data, bytes.len - 1};
        assert_memory_equal(chunk_subject_feed(shorter, &limits), "more", 4);
    }
}

#define expect(bytes, expected) expect_with(LINNET_SPAN(bytes), 0, expected)
#define expect_lenient(bytes, expected) \
    expect_with(LINNET_SPAN(bytes), LN_LENIENCY_BARE_LF, expected)

#define BAD "refused 400 bad-chunk|"
#define END "0\r\n\r\n"

/* RFC 9112 7.1: chunks, the last one of size 0, an empty line. */
static void rfc9112_7_1_content_of_chunks(void **state)
{
    (void)state;
    expect(END, "complete 5|");
    expect("5\r\nhello\r\n" END, "complete 15|hello");
    expect("5\r\nhello\r\n6\r\n world\r\n" END, "complete 26|hello world");
    expect("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n" END, "complete 23|abc");
    expect("2\r\n\r\n\r\n" END, "complete 12|\\x0D\\x0A");
    expect("3\r\n0\r\n\r\n" END, "complete 13|0\\x0D\\x0A");
    expect("", "more|");
}

/* RFC 9112 7.1: a size is hexadecimal, in any case, with leading zeros or without. */
static void rfc9112_7_1_sizes(void **state)
{
    (void)state;
    expect("a\r\n0123456789\r\n" END, "complete 20|0123456789");
    expect("A\r\n0123456789\r\n" END, "complete 20|0123456789");
    expect("00000000000000000000000000000001\r\na\r\n" END, "complete 42|a");
    expect("1f\r\n0123456789012345678901234567890\r\n" END,
           "complete 42|0123456789012345678901234567890");
    expect("00000000000000000000000000000000\r\n\r\n", "complete 36|");
    expect("ffffffffffffffff\r\nabc", "more|abc");
}

/* RFC 9112 7.1: a size that is none, or does not fit, is refused. */
static void rfc9112_7_1_bad_sizes_are_400(void **state)
{
    (void)state;
    expect("\r", BAD);
    expect("\n", BAD);
    expect(" ", BAD);
    expect("g", BAD);
    expect("-", BAD);
    expect("+", BAD);
    expect(";", BAD);
    expect("0x", BAD);
    expect("5g", BAD);
    expect("5,", BAD);
    expect("5\0", BAD);
    expect("10000000000000000", BAD);
    expect("ffffffffffffffff0", BAD);
    expect("000000000000000000000000000000000", BAD);
    expect("1\r\na\r\n\r", BAD "a");
    expect("1\r\na\r\n;", BAD "a");
    expect("1\r\na\r\n00000000000000000000000000000000"
           "0",
           "refused 400 bad-chunk|a");
}

/* RFC 9112 7.1: the data ends where its size says, with CR LF. */
static void rfc9112_7_1_data_of_another_size_is_400(void **state)
{
    (void)state;
    expect("2\r\nabc", "refused 400 bad-chunk|ab");
    expect("2\r\nab\n", "refused 400 bad-chunk|ab");
    expect("2\r\nab\ra", "refused 400 bad-chunk|ab");
    expect("2\r\nab\r\r", "refused 400 bad-chunk|ab");
    expect("2\r\nab0", "refused 400 bad-chunk|ab");
}

/* RFC 9112 2.2: CR LF ends a line; neither does alone. */
static void rfc9112_2_2_bare_line_ends_are_400(void **state)
{
    (void)state;
    expect("1\n", BAD);
    expect("1\ra", BAD);
    expect("1\r\r", BAD);
    expect("0\n", BAD);
    expect("1;a\n", BAD);
    expect("0\r\n\n", BAD);
    expect("0\r\n\ra", BAD);
    expect("0\r\nA: b\n", BAD);
    expect("0\r\nA: b\rc", BAD);
}

/* RFC 9112 2.2: with the leniency, and only with it, LF alone ends a line. */
static void rfc9112_2_2_lenient_bare_lf(void **state)
{
    (void)state;
    expect_lenient("1\na\n0\n\n", "complete 7|a");
    expect_lenient("1;b=c\na\r\n0\r\nA: b\n\n", "complete 18|a");
    expect_lenient("1;b=\"c\"\na\r\n0;d\n\n", "complete 16|a");
    expect_lenient("1\ra", BAD);
    expect_lenient("\n", BAD);
    expect_lenient("1;\n", BAD);
    expect_lenient("1;a=\n", BAD);
    expect_lenient("1;a=\"\n", BAD);
    expect_lenient("1 \n", BAD);
    expect_lenient("0\nA\n", BAD);
}

/* RFC 9112 7.1.1: extensions are names, perhaps with values, and are ignored. */
static void rfc9112_7_1_1_extensions_are_ignored(void **state)
{
    (void)state;
    expect("1;a\r\nx\r\n" END, "complete 13|x");
    expect("1;a=b\r\nx\r\n0;c=d;e\r\n\r\n", "complete 21|x");
    expect("1 ;\t a \t= \tb ; c\r\nx\r\n" END, "complete 26|x");
    expect("1;a=\"b c;=\\\"\\\\:,\t\x80\"\r\nx\r\n" END, "complete 29|x");
    expect("1;a=\"\";b\r\nx\r\n" END, "complete 18|x");
    expect("1;a=\"\" ;b\r\nx\r\n" END, "complete 19|x");
    expect("1;!#$%&'*+-.^_`|~09az=A\r\nx\r\n" END, "complete 33|x");
}

/* RFC 9112 7.1.1: what is no extension is refused. */
static void rfc9112_7_1_1_malformed_extensions_are_400(void **state)
{
    (void)state;
    expect("1 \r", BAD);
    expect("1 a", BAD);
    expect("1 1", BAD);
    expect("1;\r", BAD);
    expect("1; \r", BAD);
    expect("1;;", BAD);
    expect("1;=", BAD);
    expect("1;\"", BAD);
    expect("1;a=\r", BAD);
    expect("1;a=;", BAD);
    expect("1;a==", BAD);
    expect("1;a \r", BAD);
    expect("1;a b", BAD);
    expect("1;a=b \r", BAD);
    expect("1;a=b c", BAD);
    expect("1;a=b=", BAD);
    expect("1;a=b\"", BAD);
    expect("1;a=\"b\"c", BAD);
    expect("1;a=\"\r", BAD);
    expect("1;a=\"\n", BAD);
    expect("1;a=\"\x7f", BAD);
    expect("1;a=\"\\\r", BAD);
    expect("1;a=\"\\\0", BAD);
    expect("1;a,", BAD);
    expect("1;a\x80", BAD);
    expect("1;a\0", BAD);
    expect("1;(", BAD);
}

/* RFC 9112 7.1.2: trailers are field lines, checked and dropped. */
static void rfc9112_7_1_2_trailers_are_dropped(void **state)
{
    (void)state;
    expect("0\r\nA: b\r\n\r\n", "complete 11|");
    expect("1\r\nx\r\n0\r\nA:\r\nB-c:d: e\t\x80\"\\;=\r\n\r\n", "complete 31|x");
    expect("0\r\nA: b\r\nContent-Length: 5\r\n\r\n", "complete 30|");
}

/* RFC 9112 7.1.2: a malformed trailer is refused; so is a folded one. */
static void rfc9112_7_1_2_malformed_trailers_are_400(void **state)
{
    (void)state;
    expect("0\r\n ", BAD);
    expect("0\r\n:", BAD);
    expect("0\r\nA ", BAD);
    expect("0\r\nA\r", BAD);
    expect("0\r\nA(", BAD);
    expect("0\r\nA: b\r\n ", BAD);
    expect("0\r\nA: b\r\n\t", BAD);
    expect("0\r\nA: \0", BAD);
    expect("0\r\nA: \x7f", BAD);
    expect("0\r\nA: b\r\n:", BAD);
}

/* Every byte in every place where one byte is special. */
static void every_byte_in_every_phase(void **state)
{
    (void)state;
    static const struct {
        const char *front;
        const char *allowed; /* besides tchar where `token` says so */
        bool token;
        bool text; /* and all text */
    } rows[] = {
        {"", "0123456789abcdefABCDEF", false, false},
        {"1", "0123456789abcdefABCDEF; \t\r", false, false},
        {"1\r", "\n", false, false},
        {"1;", " \t", true, false},
        {"1;a", " \t;=\r", true, false},
        {"1;a ", " \t;=", false, false},
        {"1;a=", " \t\"", true, false},
        {"1;a=b", " \t;\r", true, false},
        {"1;a=b ", " \t;", false, false},
        {"1;a=\"", "", true, true},
        {"1;a=\"\\", "", true, true},
        {"1;a=\"\"", " \t;\r", false, false},
        {"1\r\na", "\r", false, false},
        {"1\r\na\r", "\n", false, false},
        {"0\r\n", "\r", true, false},
        {"0\r\n\r", "\n", false, false},
        {"0\r\nA", ":", true, false},
        {"0\r\nA:", "\r", true, true},
        {"0\r\nA:\r", "\n", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t bytes[16];
            size_t len = strlen(rows[i].front);
            memcpy(bytes, rows[i].front, len);
            bytes[len] = (uint8_t)byte;
            bool tchar = (byte | 32) >= 'a' && (byte | 32) <= 'z' && byte < 128;
            tchar = tchar || (byte >= '0' && byte <= '9');
            tchar = tchar || (byte != 0 && strchr("!#$%&'*+-.^_`|~", (int)byte) != NULL);
            bool text = byte == '\t' || (byte >= ' ' && byte != 0x7F);
            bool good = (rows[i].token && tchar) || (rows[i].text && text) ||
                        (byte != 0 && strchr(rows[i].allowed, (int)byte) != NULL);
            const char *result =
                chunk_subject_feed((struct linnet_span){bytes, len + 1}, &chunk_subject_limits);
            assert_int_equal(strncmp(result, "refused", 7) == 0, !good);
        }
    }
}

/* What follows the body belongs to the next request, and the outcome stays. */
static void nothing_behind_the_body_is_taken(void **state)
{
    (void)state;
    static struct chunk_subject subject;
    chunk_subject_begin(&subject, &chunk_subject_limits);
    chunk_subject_offer(&subject, LINNET_SPAN("1\r\nx\r\n0\r\n\r\nGET"));
    assert_int_equal(subject.parse, LN_PARSE_COMPLETE);
    assert_int_equal(subject.taken, 11);
    chunk_subject_offer(&subject, LINNET_SPAN("GET"));
    assert_int_equal(subject.parse, LN_PARSE_COMPLETE);
    assert_int_equal(subject.taken, 11);
    chunk_subject_begin(&subject, &chunk_subject_limits);
    chunk_subject_offer(&subject, LINNET_SPAN("x"));
    chunk_subject_offer(&subject, LINNET_SPAN("1\r\nx\r\n0\r\n\r\n"));
    assert_int_equal(subject.parse, LN_PARSE_REFUSED);
    assert_int_equal(subject.taken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc9112_7_1_content_of_chunks),
        cmocka_unit_test(rfc9112_7_1_sizes),
        cmocka_unit_test(rfc9112_7_1_bad_sizes_are_400),
        cmocka_unit_test(rfc9112_7_1_data_of_another_size_is_400),
        cmocka_unit_test(rfc9112_2_2_bare_line_ends_are_400),
        cmocka_unit_test(rfc9112_2_2_lenient_bare_lf),
        cmocka_unit_test(rfc9112_7_1_1_extensions_are_ignored),
        cmocka_unit_test(rfc9112_7_1_1_malformed_extensions_are_400),
        cmocka_unit_test(rfc9112_7_1_2_trailers_are_dropped),
        cmocka_unit_test(rfc9112_7_1_2_malformed_trailers_are_400),
        cmocka_unit_test(every_byte_in_every_phase),
        cmocka_unit_test(nothing_behind_the_body_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
