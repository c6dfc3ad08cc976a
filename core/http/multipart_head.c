/* The fields that describe a form with files: Content-Type of the request, the heads of its parts.
 *
 *     boundary        = 0*69<bchars> bcharsnospace                           RFC 2046 5.1.1
 *     bcharsnospace   = DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":"
 *                     / "=" / "?"
 *     bchars          = bcharsnospace / " "
 *     head            = *( field-name ":" OWS content OWS CRLF ) CRLF
 *     disposition     = "form-data" parameters                               RFC 7578 4.2
 *
 * Strict: no folded lines, no bare line ends, nothing said twice. No state. */
#include "core/base/character.h"
#include "core/http/multipart.h"
#include "core/http/parameter.h"

static bool is_boundary_byte(uint8_t byte)
{
    static const uint8_t others[] = {'\'', '(', ')', '+', '_', ',', '-',
                                     '.',  '/', ':', '=', '?', ' '};
    const bool letter = ln_byte_lower(byte) >= 'a' && ln_byte_lower(byte) <= 'z';
    return letter || ln_character_is(byte, LN_CHARACTER_DIGIT) ||
           memchr(others, byte, sizeof others) != NULL;
}

/* RFC 2046 5.1.1: 1 to 70 bytes, the last no blank. */
static bool is_boundary(struct linnet_span boundary)
{
    for (size_t i = 0; i < boundary.len; i++) {
        if (!is_boundary_byte(boundary.data[i])) {
            return false;
        }
    }
    return boundary.len > 0 && boundary.data[boundary.len - 1] != ' ';
}

enum linnet_multipart_fault ln_multipart_boundary(struct linnet_span content_type,
                                                  struct linnet_room room,
                                                  struct linnet_span *boundary)
{
    LN_ASSERT(room.len >= LINNET_MULTIPART_BOUNDARY_LEN_MAX);
    room.len = LINNET_MULTIPART_BOUNDARY_LEN_MAX;
    const struct linnet_span type = ln_parameter_subject(&content_type);
    if (!ln_span_equal_fold(type, LINNET_SPAN("multipart/form-data"))) {
        return LINNET_MULTIPART_NOT_FORM_DATA;
    }
    *boundary = (struct linnet_span){NULL, 0};
    struct ln_parameter parameter;
    enum ln_parameter_outcome outcome;
    while ((outcome = ln_parameter_next(&content_type, &parameter)) == LN_PARAMETER_FOUND) {
        if (!ln_span_equal_fold(parameter.name, LINNET_SPAN("boundary"))) {
            continue;
        }
        /* RFC 7578 4.1: one boundary. Of two, somebody before us may have read the other. */
        if (boundary->len > 0 || !ln_parameter_unquote(&parameter, room, boundary) ||
            !is_boundary(*boundary)) {
            return LINNET_MULTIPART_BAD_BOUNDARY;
        }
    }
    return outcome == LN_PARAMETER_END && boundary->len > 0 ? LINNET_MULTIPART_NONE
                                                            : LINNET_MULTIPART_BAD_BOUNDARY;
}

/* RFC 7578 4.2: a name in quotes has backslashes before its quotes and backslashes. Others stand
 * for themselves: some clients send paths of their own. Works in place, in the room of the head. */
static struct linnet_span unescape(struct linnet_room head, const struct ln_parameter *parameter)
{
    const struct linnet_span value = parameter->value;
    if (!parameter->quoted || value.len == 0) {
        return value;
    }
    LN_ASSERT(value.data >= head.data);
    uint8_t *bytes = head.data + (value.data - head.data);
    size_t len = 0;
    for (size_t at = 0; at < value.len; at++) {
        if (bytes[at] == '\\' && at + 1 < value.len &&
            (bytes[at + 1] == '"' || bytes[at + 1] == '\\')) {
            at++;
        }
        bytes[len] = bytes[at];
        len++;
    }
    return (struct linnet_span){bytes, len};
}

/* RFC 7578 4.2: directories that a client names are not used, whichever way its slashes lean. */
static struct linnet_span without_path(struct linnet_span filename)
{
    size_t begin = filename.len;
    while (begin > 0 && filename.data[begin - 1] != '/' && filename.data[begin - 1] != '\\') {
        begin--;
    }
    const struct linnet_span name = ln_span_slice(filename, begin, filename.len - begin);
    const bool dots =
        ln_span_equal(name, LINNET_SPAN(".")) || ln_span_equal(name, LINNET_SPAN(".."));
    return dots ? (struct linnet_span){NULL, 0} : name;
}

static bool read_disposition(struct linnet_room head, struct linnet_span content,
                             struct linnet_multipart_part *part)
{
    bool has_name = false;
    struct ln_parameter parameter;
    enum ln_parameter_outcome outcome;
    if (!ln_span_equal_fold(ln_parameter_subject(&content), LINNET_SPAN("form-data"))) {
        return false;
    }
    while ((outcome = ln_parameter_next(&content, &parameter)) == LN_PARAMETER_FOUND) {
        /* RFC 7578 4.2: "filename*" is not used in forms; it is passed over like any other. */
        if (ln_span_equal_fold(parameter.name, LINNET_SPAN("name"))) {
            if (has_name) {
                return false;
            }
            has_name = true;
            part->name = unescape(head, &parameter);
        } else if (ln_span_equal_fold(parameter.name, LINNET_SPAN("filename"))) {
            if (part->has_filename) {
                return false;
            }
            part->has_filename = true;
            part->filename = without_path(unescape(head, &parameter));
        }
    }
    /* RFC 7578 4.2: without a name there is no field that the part could belong to. */
    return outcome == LN_PARAMETER_END && has_name;
}

/* RFC 7578 4.7: contents are sent as they are; what says that it is encoded would be misread. */
static bool is_plain(struct linnet_span encoding)
{
    return ln_span_equal_fold(encoding, LINNET_SPAN("binary")) ||
           ln_span_equal_fold(encoding, LINNET_SPAN("8bit")) ||
           ln_span_equal_fold(encoding, LINNET_SPAN("7bit"));
}

/* Takes a line apart; false if it is none. A line that continues another begins with a blank, so
 * its name is no token. */
static bool read_head_line(struct linnet_span line, struct linnet_span *name,
                           struct linnet_span *content)
{
    size_t len = 0;
    while (len < line.len && ln_character_is(line.data[len], LN_CHARACTER_TOKEN)) {
        len++;
    }
    if (len == 0 || len == line.len || line.data[len] != ':') {
        return false;
    }
    *name = ln_span_slice(line, 0, len);
    *content = ln_span_trim(ln_span_slice(line, len + 1, line.len - len - 1));
    for (size_t i = len + 1; i < line.len; i++) {
        if (!ln_character_is(line.data[i], LN_CHARACTER_CONTENT)) {
            return false;
        }
    }
    return true;
}

/* One line into the part; false: it is malformed, or said for the second time. */
static bool read_field(struct linnet_room head, struct linnet_span line, bool *has_disposition,
                       struct linnet_multipart_part *part)
{
    struct linnet_span name;
    struct linnet_span content;
    if (!read_head_line(line, &name, &content)) {
        return false;
    }
    if (ln_span_equal_fold(name, LINNET_SPAN("Content-Disposition"))) {
        if (*has_disposition) {
            return false;
        }
        *has_disposition = true;
        return read_disposition(head, content, part);
    }
    if (ln_span_equal_fold(name, LINNET_SPAN("Content-Type"))) {
        const bool said = part->media_type.len > 0;
        part->media_type = content;
        return !said && content.len > 0;
    }
    /* RFC 7578 4.8: no other field of a part means anything. */
    return !ln_span_equal_fold(name, LINNET_SPAN("Content-Transfer-Encoding")) || is_plain(content);
}

bool ln_multipart_head_read(struct linnet_room head, struct linnet_multipart_part *part)
{
    bool has_disposition = false;
    size_t begin = 0;
    *part = (struct linnet_multipart_part){.has_filename = false};
    for (size_t at = 1; at < head.len; at++) {
        if (head.data[at] != '\n') {
            continue;
        }
        LN_ASSERT(head.data[at - 1] == '\r');
        const struct linnet_span line = {head.data + begin, at - 1 - begin};
        begin = at + 1;
        if (begin == head.len) {
            LN_ASSERT(line.len == 0);
            break;
        }
        if (!read_field(head, line, &has_disposition, part)) {
            return false;
        }
    }
    LN_ASSERT(begin == head.len);
    if (part->media_type.len == 0) {
        /* RFC 7578 4.4: what says nothing of its type is text. */
        part->media_type = LINNET_SPAN("text/plain");
    }
    return has_disposition;
}
