/* The head of a request, read as it arrives: the two halves, and the limit of the whole.
 *
 *     head = request-line *( field-line CRLF ) CRLF                   RFC 9112 2.1
 *
 * The request line is read by request_line.c, the field lines by field_line.c. Here a call begins
 * and ends. Invariants: resume <= bytes offered so far <= head_len_max; COMPLETE and REFUSED stay;
 * the outcome does not depend on how the bytes were split over the calls. */
#include "core/http1/request_head.h"

#include "core/base/assert.h"
#include "core/http1/head_reader.h"

void ln_request_head_init(struct ln_request_head *head, struct ln_field_line *lines)
{
    LN_ASSERT(head != NULL);
    *head = (struct ln_request_head){.lines = lines, .method = LINNET_METHOD_UNKNOWN};
}

/* All bytes that a head may have are there, and it has not ended. */
static enum ln_parse refuse_len(struct ln_request_head *head)
{
    LN_ASSERT(head->phase < LN_HEAD_COMPLETE);
    if (head->phase < LN_HEAD_LINE_START) {
        /* RFC 9112 3: a request line that is longer than what we read is answered 414. */
        head->refusal = (struct ln_refusal){LINNET_STATUS_URI_TOO_LONG, LN_CLOSE_TARGET_TOO_LONG};
    } else {
        /* RFC 6585 5: fields that are larger, all together, than what we read are answered 431. */
        head->refusal = (struct ln_refusal){LINNET_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE,
                                            LN_CLOSE_FIELDS_TOO_LARGE};
    }
    head->phase = LN_HEAD_REFUSED;
    return LN_PARSE_REFUSED;
}

enum ln_parse ln_request_head_outcome(struct ln_request_head *head, size_t len,
                                      const struct ln_request_head_limits *limits)
{
    if (head->phase == LN_HEAD_COMPLETE) {
        return LN_PARSE_COMPLETE;
    }
    if (head->phase == LN_HEAD_REFUSED) {
        return LN_PARSE_REFUSED;
    }
    LN_ASSERT(head->resume == len);
    return len == limits->head_len_max ? refuse_len(head) : LN_PARSE_MORE;
}

enum ln_parse ln_request_head_parse(struct ln_request_head *head, struct linnet_span bytes,
                                    const struct ln_scan *scan,
                                    const struct ln_request_head_limits *limits)
{
    LN_ASSERT(limits->head_len_max <= UINT16_MAX);
    LN_ASSERT(head->resume <= bytes.len);
    LN_ASSERT(head->resume <= limits->head_len_max);
    if (bytes.len > limits->head_len_max) {
        bytes.len = limits->head_len_max;
    }
    if (head->phase < LN_HEAD_LINE_START) {
        return ln_request_line_read(head, bytes, scan, limits);
    }
    if (head->phase < LN_HEAD_COMPLETE) {
        return ln_field_line_read_all(head, bytes, scan, limits);
    }
    return ln_request_head_outcome(head, bytes.len, limits);
}

bool ln_request_head_is_empty(const struct ln_request_head *head)
{
    return head->phase == LN_HEAD_START || head->phase == LN_HEAD_EMPTY_LF;
}

bool ln_request_head_field(const struct ln_request_head *head, struct linnet_span bytes,
                           enum ln_field field, struct linnet_span *content)
{
    LN_ASSERT(field < LN_FIELD_COUNT);
    LN_ASSERT(head->phase != LN_HEAD_COMPLETE || head->len <= bytes.len);
    if ((head->fields_seen & (1U << field)) == 0) {
        return false;
    }
    for (size_t i = 0; i < head->field_count; i++) {
        const struct ln_field_line *line = &head->lines[i];
        if (line->field == field) {
            *content = (struct linnet_span){bytes.data + line->content_begin, line->content_len};
            return true;
        }
    }
    return false;
}
