/* Text built into memory of the caller's: pages, JSON, URIs, without a printf and without growing.
 *
 *     uint8_t memory[256];
 *     struct linnet_text text = linnet_text_over((struct linnet_room){memory, sizeof memory});
 *     linnet_text_put(&text, LINNET_SPAN("{\"name\":\""));
 *     linnet_text_put_json(&text, name);
 *     linnet_text_put(&text, LINNET_SPAN("\"}"));
 *     struct linnet_span json;
 *     enum linnet_error error = linnet_text_finish(&text, &json);
 *
 * Each put writes all that it is asked for or nothing, so no escape is ever cut in half. The first
 * one that does not fit sets `error` to TOO_LARGE; from then on nothing is written, and
 * linnet_text_finish hands out nothing: many puts, one question at the end. To try again with less,
 * start again with linnet_text_over.
 *
 * What is escaped is taken for UTF-8. What is not becomes U+FFFD, one for each fault as browsers
 * count them; so what comes out is always UTF-8. A put takes whole characters: one that is cut
 * between two puts is two faults. Only the puts for JSON and HTML look at characters. */
#ifndef LINNET_TEXT_H
#define LINNET_TEXT_H

#include <linnet/declarations.h>
#include <linnet/error.h>
#include <linnet/span.h>

LINNET_BEGIN

struct linnet_text {
    uint8_t *data;           /* the caller's */
    size_t len;              /* bytes written */
    size_t capacity;         /* bytes of the room */
    enum linnet_error error; /* NONE or TOO_LARGE */
};

/* Starts at the beginning of the room, which outlives the text. */
struct linnet_text linnet_text_over(struct linnet_room room);

/* NONE and the whole text, over the room; or TOO_LARGE and an empty span. */
LINNET_MUST_USE enum linnet_error linnet_text_finish(const struct linnet_text *text,
                                                     struct linnet_span *span);

/* The bytes as they are. */
void linnet_text_put(struct linnet_text *text, struct linnet_span bytes);
void linnet_text_put_byte(struct linnet_text *text, uint8_t byte);

/* A number without leading zeros: at most 20 digits, a sign and 19, 16 lower-case digits. */
void linnet_text_put_decimal(struct linnet_text *text, uint64_t number);
void linnet_text_put_signed(struct linnet_text *text, int64_t number);
void linnet_text_put_hex(struct linnet_text *text, uint64_t number);

/* Two lower-case hexadecimal digits for each byte. */
void linnet_text_put_hex_bytes(struct linnet_text *text, struct linnet_span bytes);

/* The inside of a JSON string, without its quotes: RFC 8259 7. "<", ">" and "&" are escaped too, so
 * that the JSON may stand inside a script element. At most 6 bytes for each. */
void linnet_text_put_json(struct linnet_text *text, struct linnet_span characters);

/* Text of an HTML page, or the inside of a quoted attribute: & < > " ' are escaped. Not for what
 * stands in script or style, nor for attributes without quotes. At most 6 bytes for each. */
void linnet_text_put_html(struct linnet_text *text, struct linnet_span characters);

/* One part of a URI: every byte but the unreserved ones as "%XX" (RFC 3986 2.1, 2.3); good for a
 * segment of a path and for names and values of a query. Any bytes, not only UTF-8. */
void linnet_text_put_percent(struct linnet_text *text, struct linnet_span bytes);

/* The same for a whole path: "/" stays. */
void linnet_text_put_path(struct linnet_text *text, struct linnet_span path);

LINNET_END

#endif
