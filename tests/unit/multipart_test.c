/* Does the parser of forms with files give the same events at every split, and refuse what is
 * malformed? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/assertion.h"
#include "tests/lib/multipart_subject.h"

#define TYPE  LINNET_SPAN("multipart/form-data; boundary=B")
#define FIELD "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
#define LAST  "\r\n--B--\r\n"

static struct multipart_subject subject;

/* Whole, byte by byte, and at every split in two: the same. */
static const char *run(struct linnet_span content_type, struct linnet_span body)
{
    static char first[MULTIPART_SUBJECT_TEXT_MAX];
    subject = (struct multipart_subject){
        .content_type = content_type, .body = body, .head_len = 512, .part_count_max = 8};
    snprintf(first, sizeof first, "%s", multipart_subject_feed(&subject, body.len, 1));
    assert_string_equal(multipart_subject_feed(&subject, 0, 1), first);
    for (size_t cut = 0; cut <= body.len; cut++) {
        assert_string_equal(multipart_subject_feed(&subject, cut, body.len + 1), first);
    }
    for (size_t len = 2; len < 9; len++) {
        assert_string_equal(multipart_subject_feed(&subject, 0, len), first);
    }
    return first;
}

#define expect(literal, expected) assert_string_equal(run(TYPE, LINNET_SPAN(literal)), expected)
#define expect_type(literal, expected) \
    assert_string_equal(run(LINNET_SPAN(literal), LINNET_SPAN(FIELD "x" LAST)), expected)
#define expect_head(literal, expected) \
    assert_string_equal(run(TYPE, LINNET_SPAN("--B\r\n" literal "\r\n\r\n" LAST)), expected)

#define ONE "begin a (text/plain)|data x|end|finish|NONE"

/* RFC 2046 5.1.1: parts between delimiters, what stands around them is ignored. */
static void rfc2046_5_1_1_parts(void **state)
{
    (void)state;
    expect(FIELD "x" LAST, ONE);
    expect(FIELD "x\r\n--B--", ONE);
    expect("preamble\r\n" FIELD "x" LAST "epilogue\r\n--B\r\nmore", ONE);
    expect("\r\n" FIELD "x" LAST, ONE);
    expect("--A\r\n--\r\n" FIELD "x" LAST, ONE);
    expect(FIELD "x\r\n" FIELD "y" LAST,
           "begin a (text/plain)|data x|end|begin a (text/plain)|data y|end|finish|NONE");
    expect("--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B-- \t\r\n", ONE);
    expect("--B--", "finish|NONE");
    expect("--B--\r\n", "finish|NONE");
}

/* RFC 2046 5.1.1: the line end before a delimiter belongs to it, any other to the content. */
static void rfc2046_5_1_1_content(void **state)
{
    (void)state;
    expect(FIELD LAST, "begin a (text/plain)|end|finish|NONE");
    expect(FIELD "--B--", "begin a (text/plain)|end|finish|NONE");
    expect(FIELD FIELD "x" LAST,
           "begin a (text/plain)|end|begin a (text/plain)|data x|end|finish|NONE");
    expect(FIELD "\r\n" LAST, "begin a (text/plain)|data \r\n|end|finish|NONE");
    expect(FIELD "\r" LAST, "begin a (text/plain)|data \r|end|finish|NONE");
    expect(FIELD "\r\r\r" LAST, "begin a (text/plain)|data \r\r\r|end|finish|NONE");
    expect(FIELD "\n--B" LAST, "begin a (text/plain)|data \n--B|end|finish|NONE");
    expect(FIELD "--A" LAST, "begin a (text/plain)|data --A|end|finish|NONE");
    expect(FIELD "x--B--" LAST, "begin a (text/plain)|data x--B--|end|finish|NONE");
    expect(FIELD "\r\n-\r\n--\r\n--A\r\r\n--" LAST,
           "begin a (text/plain)|data \r\n-\r\n--\r\n--A\r\r\n--|end|finish|NONE");
    expect(FIELD "-\r-\n--\r\n-B" LAST, "begin a (text/plain)|data -\r-\n--\r\n-B|end|finish|NONE");
}

/* RFC 2046 5.1.1: a boundary has its line for itself. */
static void rfc2046_5_1_1_delimiters(void **state)
{
    (void)state;
    expect("--BB\r\n", "BAD_DELIMITER");
    expect("--B\n", "BAD_DELIMITER");
    expect("--B\rx", "BAD_DELIMITER");
    expect("--B x\r\n", "BAD_DELIMITER");
    expect("--B-\r\n", "BAD_DELIMITER");
    expect("--B - -", "BAD_DELIMITER");
    expect(FIELD "x\r\n--B--x", "begin a (text/plain)|data x|end|BAD_DELIMITER");
    expect(FIELD "x\r\n--B--\n", "begin a (text/plain)|data x|end|BAD_DELIMITER");
    expect(FIELD "x\r\n--B--\rx", "begin a (text/plain)|data x|end|BAD_DELIMITER");
    expect(FIELD "x\r\n--Bx\r\n", "begin a (text/plain)|data x|end|BAD_DELIMITER");
}

static void without_the_last_boundary(void **state)
{
    (void)state;
    expect("", "UNFINISHED");
    expect("preamble", "UNFINISHED");
    expect("--B", "UNFINISHED");
    expect("--B-", "UNFINISHED");
    expect("--B\r\n", "UNFINISHED");
    expect("--B\r\nContent-Disposition: form-data; name=a\r\n", "UNFINISHED");
    expect(FIELD, "begin a (text/plain)|UNFINISHED");
    expect(FIELD "x\r\n--", "begin a (text/plain)|data x|UNFINISHED");
    expect(FIELD "x\r\n--B", "begin a (text/plain)|data x|end|UNFINISHED");
    expect(FIELD "x\r\n--B-", "begin a (text/plain)|data x|end|UNFINISHED");
    expect(FIELD "x\r\n--B--\r", "begin a (text/plain)|data x|end|UNFINISHED");
}

/* RFC 7578 4.1: the boundary, out of a parameter of any form. */
static void rfc7578_4_1_boundary(void **state)
{
    (void)state;
    expect_type("multipart/form-data;boundary=B", ONE);
    expect_type("Multipart/Form-Data ; BOUNDARY=\"B\" ; charset=utf-8", ONE);
    expect_type("multipart/form-data; x=\"; boundary=C\"; boundary=\"\\B\"", ONE);
    expect_type("multipart/mixed; boundary=B", "NOT_FORM_DATA");
    expect_type("multipart/form-datax; boundary=B", "NOT_FORM_DATA");
    expect_type("", "NOT_FORM_DATA");
    expect_type("multipart/form-data", "BAD_BOUNDARY");
    expect_type("multipart/form-data; boundary=", "BAD_BOUNDARY");
    expect_type("multipart/form-data; boundary=\"\"", "BAD_BOUNDARY");
    expect_type("multipart/form-data; boundary=\"B", "BAD_BOUNDARY");
    expect_type("multipart/form-data; boundary=B; boundary=B", "BAD_BOUNDARY");
    expect_type("multipart/form-data; boundary=B; x", "BAD_BOUNDARY");
    expect_type("multipart/form-data; x; boundary=B", "BAD_BOUNDARY");
}

/* RFC 2046 5.1.1: which bytes a boundary is made of; its last is no blank. */
static void rfc2046_5_1_1_bytes_of_a_boundary(void **state)
{
    (void)state;
    for (unsigned byte = 1; byte < 256; byte++) {
        uint8_t type[] = "multipart/form-data; boundary=\"?C\"";
        uint8_t body[] = "--?C--";
        type[31] = (uint8_t)byte;
        body[2] = (uint8_t)byte;
        const bool good = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= 'a' && byte <= 'z') ||
                          strchr("'()+_,-./:=? ", (int)byte) != NULL;
        /* A backslash makes the byte behind it a boundary of its own. */
        const char *bad = byte == '\\' ? "UNFINISHED" : "BAD_BOUNDARY";
        assert_string_equal(run((struct linnet_span){type, sizeof type - 1},
                                (struct linnet_span){body, sizeof body - 1}),
                            good ? "finish|NONE" : bad);
    }
    expect_type("multipart/form-data; boundary=\"B \"", "BAD_BOUNDARY");
}

/* RFC 7578 4.2: a part has a name; a file's name is only ever a name. */
static void rfc7578_4_2_names(void **state)
{
    (void)state;
    expect_head("content-disposition:FORM-DATA;NAME=a", "begin a (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; name=\"a\"; filename=\"b.txt\"",
                "begin a file b.txt (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; name=\"\"; filename=\"\"",
                "begin  file  (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; filename=b; name=a",
                "begin a file b (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; name=a; filename*=utf-8''b",
                "begin a (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; name=\"\xC3\xA4 ;b\"",
                "begin \xC3\xA4 ;b (text/plain)|end|finish|NONE");
#define EXPECT_FILE(literal, expected)                                              \
    expect_head("Content-Disposition: form-data; name=a; filename=\"" literal "\"", \
                "begin a file " expected " (text/plain)|end|finish|NONE")
    EXPECT_FILE("/etc/passwd", "passwd");
    EXPECT_FILE("../../x", "x");
    EXPECT_FILE("C:\\dir\\x.txt", "x.txt");
    EXPECT_FILE("C:\\\\dir\\\\x.txt", "x.txt");
    EXPECT_FILE("a/b\\c", "c");
    EXPECT_FILE("a/", "");
    EXPECT_FILE(".", "");
    EXPECT_FILE("..", "");
    EXPECT_FILE("x/..", "");
    EXPECT_FILE("...", "...");
    EXPECT_FILE(".x", ".x");
    EXPECT_FILE("a%22b%0D", "a%22b%0D");
#undef EXPECT_FILE
}

/* RFC 7578 4.2: a backslash speaks for a quote or a backslash behind it, and else for itself. */
static void rfc7578_4_2_backslashes(void **state)
{
    (void)state;
    expect_head("Content-Disposition: form-data; name=\"a\\\"b\\\\c\\d\"",
                "begin a\"b\\c\\d (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; name=\"\\\\\\\"\"; filename=\"\\\"\"",
                "begin \\\" file \" (text/plain)|end|finish|NONE");
    expect_head("Content-Disposition: form-data; name=\"a\\\"", "BAD_HEAD");
}

static void malformed_heads(void **state)
{
    (void)state;
    expect("--B\r\n\r\n" LAST, "BAD_HEAD");
    expect_head("X: y", "BAD_HEAD");
    expect_head("Content-Disposition: form-data", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; filename=a", "BAD_HEAD");
    expect_head("Content-Disposition: attachment; name=a", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a; name=a", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a; filename=b; filename=c", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a b", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a",
                "BAD_HEAD");
    expect_head("Content-Disposition: form-data;\r\n name=a", "BAD_HEAD");
    expect_head("Content-Disposition : form-data; name=a", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a\r\nx", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a\r\n: x", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=\"a\x01\"", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=\"a\x00\"", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a\nX: y", "BAD_HEAD");
    expect_head("Content-Disposition: form-data; name=a\rX: y", "BAD_HEAD");
    expect("--B\r\n\n", "BAD_HEAD");
}

/* RFC 7578 4.4: the type of a part. RFC 7578 4.7: no codings. RFC 7578 4.8: nothing else. */
static void rfc7578_4_4_other_fields(void **state)
{
    (void)state;
#define WITH(literal) "Content-Disposition: form-data; name=a\r\n" literal
    expect_head(WITH("Content-Type:  image/png; x=y "), "begin a (image/png; x=y)|end|finish|NONE");
    expect_head("content-type: a/b\r\n" WITH("X: y\r\nX:"), "begin a (a/b)|end|finish|NONE");
    expect_head(WITH("Content-Type:"), "BAD_HEAD");
    expect_head(WITH("Content-Type: a/b\r\nContent-Type: a/b"), "BAD_HEAD");
    expect_head(WITH("Content-Transfer-Encoding: Binary"), "begin a (text/plain)|end|finish|NONE");
    expect_head(WITH("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit"),
                "begin a (text/plain)|end|finish|NONE");
    expect_head(WITH("Content-Transfer-Encoding: base64"), "BAD_HEAD");
#undef WITH
}

/* The caller's function may end it in any call; no other call follows. */
static void stopping(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "begin a (text/plain)|STOPPED",
        "begin a (text/plain)|data |STOPPED",
        "begin a (text/plain)|data x|end|STOPPED",
        "begin a (text/plain)|data x|end|finish|STOPPED",
    };
    const struct linnet_span body = LINNET_SPAN(FIELD "x" LAST);
    for (unsigned i = 0; i < 4; i++) {
        subject = (struct multipart_subject){.content_type = TYPE,
                                             .body = body,
                                             .head_len = 512,
                                             .part_count_max = 8,
                                             .stop_at = i + 1};
        for (size_t cut = 0; cut <= body.len; cut++) {
            assert_string_equal(multipart_subject_feed(&subject, cut, 1), expected[i]);
            assert_string_equal(multipart_subject_feed(&subject, cut, body.len), expected[i]);
        }
    }
}

/* Content that fits one piece comes in one call, line ends in it or not. */
static bool count_data(void *context, enum linnet_multipart_event event,
                       const struct linnet_multipart_part *part, struct linnet_span data)
{
    (void)part;
    (void)data;
    if (event == LINNET_MULTIPART_DATA) {
        (*(unsigned *)context)++;
    }
    return true;
}

static void content_comes_in_few_pieces(void **state)
{
    (void)state;
    unsigned count = 0;
    uint8_t head[128];
    struct linnet_multipart multipart;
    const struct linnet_multipart_config config = {
        .content_type = TYPE,
        .head = {head, sizeof head},
        .part_count_max = 1,
        .function = count_data,
        .context = &count,
    };
    assert_int_equal(linnet_multipart_init(&multipart, &config), LINNET_MULTIPART_NONE);
    assert_int_equal(
        linnet_multipart_feed(&multipart, LINNET_SPAN(FIELD "\r\n\r\r\n--\r\n--A\r\n\r\n--B--")),
        LINNET_MULTIPART_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(linnet_multipart_finish(&multipart), LINNET_MULTIPART_NONE);
    expect_assertion(!linnet_multipart_feed(&multipart, LINNET_SPAN("x")));
    expect_assertion(!linnet_multipart_finish(&multipart));
}

static void statuses_of_faults(void **state)
{
    (void)state;
    assert_int_equal(linnet_multipart_status(LINNET_MULTIPART_NONE), LINNET_STATUS_NONE);
    assert_int_equal(linnet_multipart_status(LINNET_MULTIPART_STOPPED), LINNET_STATUS_NONE);
    assert_int_equal(linnet_multipart_status(LINNET_MULTIPART_NOT_FORM_DATA), 415);
    assert_int_equal(linnet_multipart_status(LINNET_MULTIPART_TOO_MANY_PARTS), 413);
    assert_int_equal(linnet_multipart_status(LINNET_MULTIPART_UNFINISHED), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc2046_5_1_1_parts),
        cmocka_unit_test(rfc2046_5_1_1_content),
        cmocka_unit_test(rfc2046_5_1_1_delimiters),
        cmocka_unit_test(without_the_last_boundary),
        cmocka_unit_test(rfc7578_4_1_boundary),
        cmocka_unit_test(rfc2046_5_1_1_bytes_of_a_boundary),
        cmocka_unit_test(rfc7578_4_2_names),
        cmocka_unit_test(rfc7578_4_2_backslashes),
        cmocka_unit_test(malformed_heads),
        cmocka_unit_test(rfc7578_4_4_other_fields),
        cmocka_unit_test(stopping),
        cmocka_unit_test(content_comes_in_few_pieces),
        cmocka_unit_test(statuses_of_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
