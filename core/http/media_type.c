/* Media types by file extension: a search by halves in the rows of core/table/media_type.h.
 *
 * No state. The rows are in ascending order of their extensions, which a test proves; the answer
 * is constant data and lives as long as the program. */
#include "core/http/media_type.h"

#include "core/table/media_type.h"

struct row {
    struct linnet_span extension;
    struct linnet_span type;
};

static const struct row type_rows[] = {
#define ROW(extension, type) {LINNET_SPAN_INIT(extension), LINNET_SPAN_INIT(type)},
    LN_MEDIA_TYPES(ROW)
#undef ROW
};

enum { type_row_count = sizeof type_rows / sizeof type_rows[0] };

/* What stands behind the last dot of the last segment; empty if there is none. A dot that begins
 * the segment hides a file and begins no extension. */
static struct linnet_span extension_of(struct linnet_span path)
{
    size_t begin = path.len;
    while (begin > 0 && path.data[begin - 1] != '.') {
        if (path.data[begin - 1] == '/') {
            return (struct linnet_span){0};
        }
        begin--;
    }
    if (begin < 2 || path.data[begin - 2] == '/') {
        return (struct linnet_span){0};
    }
    return ln_span_slice(path, begin, path.len - begin);
}

/* Below, equal or above zero as `extension` in lower case stands before, at or behind `other`. */
static int compare(struct linnet_span extension, struct linnet_span other)
{
    size_t len = extension.len < other.len ? extension.len : other.len;
    for (size_t i = 0; i < len; i++) {
        int difference = ln_byte_lower(extension.data[i]) - other.data[i];
        if (difference != 0) {
            return difference;
        }
    }
    return (extension.len > other.len) - (extension.len < other.len);
}

struct linnet_span ln_media_type_for(struct linnet_span path)
{
    LN_ASSERT(path.data != NULL || path.len == 0);
    struct linnet_span extension = extension_of(path);
    size_t begin = 0;
    size_t end = type_row_count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        LN_ASSERT(middle < type_row_count);
        int order = compare(extension, type_rows[middle].extension);
        if (order == 0) {
            return type_rows[middle].type;
        }
        if (order < 0) {
            end = middle;
        } else {
            begin = middle + 1;
        }
    }
    /* RFC 9110 8.3: what is not known is named as bytes, so that nobody is asked to guess. */
    return LINNET_SPAN("application/octet-stream");
}
