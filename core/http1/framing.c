/* How long the body is, and whether the connection may go on.
 *
 *     Content-Length    = 1*DIGIT                                          RFC 9110 8.6
 *     Transfer-Encoding = [ transfer-coding *( OWS "," OWS transfer-coding ) ]   RFC 9112 6.1
 *     transfer-coding   = token *( OWS ";" OWS token BWS "=" BWS ( token / quoted-string ) )
 *     Connection        = [ token *( OWS "," OWS token ) ]                 RFC 9110 7.6.1
 *     Expect            = [ expectation *( OWS "," OWS expectation ) ]     RFC 9110 10.1.1
 *
 * No state: one pass over the field lines gathers what they say, in order; then the rules of
 * RFC 9112 6.3 decide. A list that is spread over several lines is one list (RFC 9110 5.3). */
#include "core/http1/framing.h"

#include "core/base/character.h"
#include "core/base/number.h"
#include "core/base/span.h"
#include "core/http/field_list.h"

/* What the field lines say. */
struct fields {
    uint64_t content_len;
    unsigned content_len_lines;
    unsigned coding_lines;
    bool content_len_bad;
    bool chunked;        /* chunked was seen */
    bool coding_unknown; /* another coding was seen */
    bool coding_bad;     /* malformed, or something behind chunked */
    bool close;
    bool keep_alive;
    bool expect_continue;
    bool expect_other;
};

/* The fields that matter here; hardly a request has one of them but Connection. */
static const uint32_t fields_wanted = 1U << LN_FIELD_CONNECTION | 1U << LN_FIELD_CONTENT_LENGTH |
                                      1U << LN_FIELD_EXPECT | 1U << LN_FIELD_TRANSFER_ENCODING;

static size_t skip_whitespace(struct linnet_span span, size_t at)
{
    while (at < span.len && (span.data[at] == ' ' || span.data[at] == '\t')) {
        at++;
    }
    return at;
}

static size_t skip_token(struct linnet_span span, size_t at)
{
    while (at < span.len && ln_character_is(span.data[at], LN_CHARACTER_TOKEN)) {
        at++;
    }
    return at;
}

/* Behind the quoted-string that begins at `at`, or `at` if it does not end (RFC 9110 5.6.4). */
static size_t skip_quoted(struct linnet_span span, size_t at)
{
    LN_ASSERT(at < span.len);
    LN_ASSERT(span.data[at] == '"');
    for (size_t end = at + 1; end < span.len; end++) {
        if (span.data[end] == '"') {
            return end + 1;
        }
        if (span.data[end] == '\\') {
            end++;
        }
    }
    return at;
}

/* Are these the parameters of a coding, from the first ";" or the element's end on? */
static bool are_parameters(struct linnet_span element, size_t at)
{
    while (at < element.len) {
        size_t name = skip_whitespace(element, at + 1);
        size_t name_end = skip_token(element, name);
        size_t equals = skip_whitespace(element, name_end);
        if (element.data[at] != ';' || name_end == name || equals == element.len ||
            element.data[equals] != '=') {
            return false;
        }
        size_t value = skip_whitespace(element, equals + 1);
        bool quoted = value < element.len && element.data[value] == '"';
        size_t end = quoted ? skip_quoted(element, value) : skip_token(element, value);
        if (end == value) {
            return false;
        }
        at = skip_whitespace(element, end);
    }
    return true;
}

/* RFC 9112 6.1: the codings in the order they were applied; chunked is once, and the last. */
static void read_codings(struct fields *fields, struct linnet_span list)
{
    struct linnet_span element;
    while (ln_field_list_next(&list, &element)) {
        /* RFC 9112 7: the name of a coding is case-insensitive. */
        size_t name_len = skip_token(element, 0);
        bool chunked =
            ln_span_equal_fold(ln_span_slice(element, 0, name_len), LINNET_SPAN("chunked"));
        size_t parameters = skip_whitespace(element, name_len);
        /* RFC 9112 7.1: chunked has no parameters; one is an error. */
        bool well_formed = name_len > 0 && are_parameters(element, parameters) &&
                           !(chunked && parameters < element.len);
        fields->coding_bad |= !well_formed || fields->chunked;
        fields->coding_unknown |= !chunked;
        fields->chunked |= chunked;
    }
}

/* RFC 9110 7.6.1: connection options are case-insensitive; those we do not know are ignored. */
static void read_connection(struct fields *fields, struct linnet_span list)
{
    /* Nearly always it is this option and no other. */
    if (ln_span_equal_fold(list, LINNET_SPAN("keep-alive"))) {
        fields->keep_alive = true;
        return;
    }
    struct linnet_span option;
    while (ln_field_list_next(&list, &option)) {
        fields->close |= ln_span_equal_fold(option, LINNET_SPAN("close"));
        fields->keep_alive |= ln_span_equal_fold(option, LINNET_SPAN("keep-alive"));
    }
}

/* RFC 9110 10.1.1: the one expectation there is, in any case. */
static void read_expectations(struct fields *fields, struct linnet_span list)
{
    struct linnet_span expectation;
    while (ln_field_list_next(&list, &expectation)) {
        bool known = ln_span_equal_fold(expectation, LINNET_SPAN("100-continue"));
        fields->expect_continue |= known;
        fields->expect_other |= !known;
    }
}

static void read_framing_field(struct fields *fields, enum ln_field field,
                               struct linnet_span content)
{
    switch (field) {
    case LN_FIELD_CONTENT_LENGTH:
        /* RFC 9112 6.3: a length that is no number, or too large, cannot be recovered from. */
        fields->content_len_lines++;
        fields->content_len_bad |= !ln_number_parse_decimal(content, &fields->content_len);
        break;
    case LN_FIELD_TRANSFER_ENCODING:
        fields->coding_lines++;
        read_codings(fields, content);
        break;
    case LN_FIELD_CONNECTION:
        read_connection(fields, content);
        break;
    case LN_FIELD_EXPECT:
        read_expectations(fields, content);
        break;
    default:
        break;
    }
}

static bool refuse_framing(struct ln_refusal *refusal, enum linnet_status status,
                           enum ln_close_reason reason)
{
    *refusal = (struct ln_refusal){status, reason};
    return false;
}

/* The body of a request that has Transfer-Encoding. */
static bool decide_coding(const struct fields *fields, unsigned minor_version,
                          struct ln_framing *framing, struct ln_refusal *refusal)
{
    /* RFC 9112 6.1: in HTTP/1.0 there are no transfer codings: such a framing is faulty. */
    if (minor_version == 0 || fields->coding_bad || !fields->chunked) {
        return refuse_framing(refusal, LINNET_STATUS_BAD_REQUEST, LN_CLOSE_BAD_TRANSFER_CODING);
    }
    /* RFC 9112 6.3: both lengths in one message look like smuggling: refused. */
    if (fields->content_len_lines > 0) {
        return refuse_framing(refusal, LINNET_STATUS_BAD_REQUEST, LN_CLOSE_LENGTH_AND_CODING);
    }
    /* RFC 9112 6.1: a coding that we do not understand is answered 501. */
    if (fields->coding_unknown) {
        return refuse_framing(refusal, LINNET_STATUS_NOT_IMPLEMENTED,
                              LN_CLOSE_UNKNOWN_TRANSFER_CODING);
    }
    framing->kind = LN_FRAMING_CHUNKED;
    return true;
}

/* The body of a request that has none. */
static bool decide_len(const struct fields *fields, struct ln_framing *framing,
                       struct ln_refusal *refusal)
{
    /* RFC 9112 6.3: differing lengths are refused; so are equal ones, which no client sends. */
    if (fields->content_len_bad || fields->content_len_lines > 1) {
        return refuse_framing(refusal, LINNET_STATUS_BAD_REQUEST, LN_CLOSE_BAD_CONTENT_LENGTH);
    }
    /* RFC 9112 6.3: a request with neither field has no body. */
    if (fields->content_len > 0) {
        framing->kind = LN_FRAMING_LENGTH;
        framing->len = fields->content_len;
    }
    return true;
}

bool ln_framing_decide(const struct ln_request_head *head, struct linnet_span bytes,
                       struct ln_framing *framing, struct ln_refusal *refusal)
{
    LN_ASSERT(head->len > 0);
    LN_ASSERT(head->len <= bytes.len);
    /* RFC 9112 9.3: HTTP/1.1 persists by default, HTTP/1.0 only on request. */
    *framing = (struct ln_framing){.kind = LN_FRAMING_NONE, .keep_alive = head->minor_version > 0};
    if ((head->fields_seen & fields_wanted) == 0) {
        return true;
    }
    struct fields fields = {0};
    for (size_t i = 0; i < head->field_count; i++) {
        const struct ln_field_line *line = &head->lines[i];
        if ((fields_wanted >> line->field & 1U) == 0) {
            continue;
        }
        read_framing_field(&fields, line->field,
                           ln_span_slice(bytes, line->content_begin, line->content_len));
    }
    bool decided = fields.coding_lines > 0
                       ? decide_coding(&fields, head->minor_version, framing, refusal)
                       : decide_len(&fields, framing, refusal);
    if (!decided) {
        return false;
    }
    /* RFC 9112 9.3: close wins over everything else. */
    framing->keep_alive = !fields.close && (head->minor_version > 0 || fields.keep_alive);
    /* RFC 9110 10.1.1: an expectation of HTTP/1.0 is ignored, an unknown one answered 417. */
    if (head->minor_version > 0) {
        if (fields.expect_other) {
            return refuse_framing(refusal, LINNET_STATUS_EXPECTATION_FAILED,
                                  LN_CLOSE_BAD_EXPECTATION);
        }
        framing->expect_continue = fields.expect_continue && framing->kind != LN_FRAMING_NONE;
    }
    return true;
}
