/* Invariant: events do not depend on splits: whole, byte by byte, in pieces and at any split in two
 * they are the same; no file's name holds a slash; no content holds the delimiter.
 *
 * The first byte picks the split, the second how tight the limits are and when the function stops;
 * then comes the Content-Type up to the first line feed, and the body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/multipart_subject.h"

enum { BODY_LEN_MAX = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

struct content {
    struct linnet_multipart multipart;
    uint8_t bytes[BODY_LEN_MAX];
    size_t len;
};

static bool check_event(void *context, enum linnet_multipart_event event,
                        const struct linnet_multipart_part *part, struct linnet_span data)
{
    struct content *content = context;
    if (event == LINNET_MULTIPART_BEGIN) {
        content->len = 0;
        must(part->filename.len == 0 ||
             memchr(part->filename.data, '/', part->filename.len) == NULL);
        must(part->media_type.len > 0);
    } else if (event == LINNET_MULTIPART_DATA) {
        must(data.len <= BODY_LEN_MAX - content->len);
        memcpy(content->bytes + content->len, data.data, data.len);
        content->len += data.len;
        must(memmem(content->bytes, content->len, content->multipart.delimiter,
                    content->multipart.delimiter_len) == NULL);
    }
    return true;
}

static void check_content(const struct multipart_subject *subject)
{
    static struct content content;
    uint8_t head[1024];
    const struct linnet_multipart_config config = {
        .content_type = subject->content_type,
        .head = {head, subject->head_len},
        .part_count_max = subject->part_count_max,
        .function = check_event,
        .context = &content,
    };
    if (linnet_multipart_init(&content.multipart, &config) == LINNET_MULTIPART_NONE) {
        (void)!linnet_multipart_feed(&content.multipart, subject->body);
        (void)!linnet_multipart_finish(&content.multipart);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct multipart_subject subject;
    static char first[MULTIPART_SUBJECT_TEXT_MAX];
    if (size < 3 || size > BODY_LEN_MAX) {
        return 0;
    }
    const uint8_t *end = memchr(data + 2, '\n', size - 2);
    if (end == NULL) {
        return 0;
    }
    subject.content_type = (struct linnet_span){data + 2, (size_t)(end - data - 2)};
    subject.body = (struct linnet_span){end + 1, (size_t)(data + size - end - 1)};
    subject.head_len = (data[1] & 1) != 0 ? 48 : 512;
    subject.part_count_max = (data[1] & 2) != 0 ? 1 : 100;
    subject.stop_at = (data[1] & 4) != 0 ? data[1] >> 4 : 0;
    const size_t len = subject.body.len;
    multipart_subject_feed(&subject, len, 1);
    const size_t text_len = subject.text_len;
    memcpy(first, subject.text, text_len);
    const size_t cuts[][2] = {
        {0, 1}, {0, 2}, {0, 3}, {0, 7}, {len == 0 ? 0 : data[0] % (len + 1), len + 1}};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        multipart_subject_feed(&subject, cuts[i][0], cuts[i][1]);
        must(subject.text_len == text_len);
        must(memcmp(first, subject.text, text_len) == 0);
    }
    check_content(&subject);
    return 0;
}
