/* The multipart parser as text: what it calls back, the same however the content is cut.
 *
 *     "begin NAME (text/plain)|data BYTES|end|begin NAME file FILENAME (TYPE)|end|finish|none"
 *
 * The last word is the fault. Pieces of DATA are joined. */
#ifndef LN_TESTS_LIB_MULTIPART_SUBJECT_H
#define LN_TESTS_LIB_MULTIPART_SUBJECT_H

#include <linnet/multipart.h>

enum { MULTIPART_SUBJECT_TEXT_MAX = 8192 };

struct multipart_subject {
    struct linnet_span content_type;
    struct linnet_span body;
    size_t head_len; /* of the room; at most 1024 */
    uint32_t part_count_max;
    unsigned stop_at; /* the number of the call that wants no more, from 1; 0: none */
    /* out */
    unsigned calls; /* while DATA is one call, however it was cut */
    bool in_data;
    size_t text_len;
    char text[MULTIPART_SUBJECT_TEXT_MAX];
};

/* Feeds the first `cut` bytes, then the rest in pieces of at most piece_len. Aborts when the parser
 * breaks its contract. Returns the text. */
const char *multipart_subject_feed(struct multipart_subject *subject, size_t cut, size_t piece_len);

#endif
