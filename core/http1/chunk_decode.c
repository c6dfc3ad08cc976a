/* The chunked coding, decoded as it arrives.
 *
 *     chunked-body   = *chunk last-chunk trailer-section CRLF             RFC 9112 7.1
 *     chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *     chunk-size     = 1*HEXDIG
 *     last-chunk     = 1*("0") [ chunk-ext ] CRLF
 *     chunk-ext      = *( BWS ";" BWS chunk-ext-name
 *                         [ BWS "=" BWS ( token / quoted-string ) ] )     RFC 9112 7.1.1
 *     quoted-string  = DQUOTE *( qdtext / "\" ( HTAB / SP / VCHAR / obs-text ) ) DQUOTE
 *     trailer-section = *( field-name ":" OWS field-value OWS CRLF )      RFC 9112 7.1.2
 *
 * All but the digits of a size and the data is one table, phase by class of byte; what the table
 * does not list is refused. Invariants: `remaining` is the size read so far in the SIZE phases, the
 * bytes of data still to come in DATA, and 0 in the trailers; COMPLETE and REFUSED stay. */
#include "core/http1/chunk_decode.h"

#include "core/base/assert.h"
#include "core/base/character.h"
#include "core/base/number.h"
#include "core/table/leniency.h"

#include <string.h>

enum {
    /* Leading zeros are digits too: without a bound they would be a body that never ends. */
    SIZE_DIGITS_MAX = 32,
};

enum phase {
    SIZE_START, /* the first digit */
    SIZE,       /* further digits, or what ends them */
    EXTENSION_SPACE,
    EXTENSION_NAME_START,
    EXTENSION_NAME,
    EXTENSION_NAME_SPACE,
    EXTENSION_VALUE_START,
    EXTENSION_TOKEN,
    EXTENSION_QUOTED,
    EXTENSION_ESCAPED,
    EXTENSION_QUOTED_END,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START, /* the first byte of a trailer or of the last, empty line */
    TRAILER_NAME,
    TRAILER_CONTENT,
    TRAILER_LF,
    END_LF,
    COMPLETE,
    REFUSED,
    PHASE_COUNT,
};

enum class {
    TOKEN, /* tchar */
    SPACE, /* SP, HTAB */
    CR,
    LF,
    SEMICOLON,
    EQUALS,
    QUOTE,
    BACKSLASH,
    COLON,
    TEXT,    /* VCHAR or obs-text that is none of the above */
    CONTROL, /* any other byte */
    CLASS_COUNT,
};

/* The phase that a byte of a class leads to, plus one; 0 where it may not come. */
#define TO(phase) ((phase) + 1)

static const uint8_t transitions[PHASE_COUNT][CLASS_COUNT] = {
    /* RFC 9112 7.1.1: whitespace stands before ";" and "=" and behind them, and nowhere else. */
    [SIZE] =
        {[SPACE] = TO(EXTENSION_SPACE), [SEMICOLON] = TO(EXTENSION_NAME_START), [CR] = TO(SIZE_LF)},
    [EXTENSION_SPACE] = {[SPACE] = TO(EXTENSION_SPACE), [SEMICOLON] = TO(EXTENSION_NAME_START)},
    [EXTENSION_NAME_START] = {[SPACE] = TO(EXTENSION_NAME_START), [TOKEN] = TO(EXTENSION_NAME)},
    [EXTENSION_NAME] = {[TOKEN] = TO(EXTENSION_NAME),
                        [SPACE] = TO(EXTENSION_NAME_SPACE),
                        [SEMICOLON] = TO(EXTENSION_NAME_START),
                        [EQUALS] = TO(EXTENSION_VALUE_START),
                        [CR] = TO(SIZE_LF)},
    [EXTENSION_NAME_SPACE] = {[SPACE] = TO(EXTENSION_NAME_SPACE),
                              [SEMICOLON] = TO(EXTENSION_NAME_START),
                              [EQUALS] = TO(EXTENSION_VALUE_START)},
    [EXTENSION_VALUE_START] = {[SPACE] = TO(EXTENSION_VALUE_START),
                               [TOKEN] = TO(EXTENSION_TOKEN),
                               [QUOTE] = TO(EXTENSION_QUOTED)},
    [EXTENSION_TOKEN] = {[TOKEN] = TO(EXTENSION_TOKEN),
                         [SPACE] = TO(EXTENSION_SPACE),
                         [SEMICOLON] = TO(EXTENSION_NAME_START),
                         [CR] = TO(SIZE_LF)},
    /* RFC 9110 5.6.4: a quoted string holds any text; a backslash takes the next byte as it is. */
    [EXTENSION_QUOTED] = {[TOKEN] = TO(EXTENSION_QUOTED),
                          [SPACE] = TO(EXTENSION_QUOTED),
                          [SEMICOLON] = TO(EXTENSION_QUOTED),
                          [EQUALS] = TO(EXTENSION_QUOTED),
                          [COLON] = TO(EXTENSION_QUOTED),
                          [TEXT] = TO(EXTENSION_QUOTED),
                          [QUOTE] = TO(EXTENSION_QUOTED_END),
                          [BACKSLASH] = TO(EXTENSION_ESCAPED)},
    [EXTENSION_ESCAPED] = {[TOKEN] = TO(EXTENSION_QUOTED),
                           [SPACE] = TO(EXTENSION_QUOTED),
                           [SEMICOLON] = TO(EXTENSION_QUOTED),
                           [EQUALS] = TO(EXTENSION_QUOTED),
                           [COLON] = TO(EXTENSION_QUOTED),
                           [TEXT] = TO(EXTENSION_QUOTED),
                           [QUOTE] = TO(EXTENSION_QUOTED),
                           [BACKSLASH] = TO(EXTENSION_QUOTED)},
    [EXTENSION_QUOTED_END] =
        {[SPACE] = TO(EXTENSION_SPACE), [SEMICOLON] = TO(EXTENSION_NAME_START), [CR] = TO(SIZE_LF)},
    /* Where it leads depends on the size. */
    [SIZE_LF] = {[LF] = TO(DATA)},
    /* RFC 9112 7.1: the data ends with a line end of its own, where its size says. */
    [DATA_CR] = {[CR] = TO(DATA_LF)},
    [DATA_LF] = {[LF] = TO(SIZE_START)},
    /* RFC 9112 7.1.2: trailers are field lines; no folding, no whitespace before the colon. */
    [TRAILER_START] = {[TOKEN] = TO(TRAILER_NAME), [CR] = TO(END_LF)},
    [TRAILER_NAME] = {[TOKEN] = TO(TRAILER_NAME), [COLON] = TO(TRAILER_CONTENT)},
    [TRAILER_CONTENT] = {[TOKEN] = TO(TRAILER_CONTENT),
                         [SPACE] = TO(TRAILER_CONTENT),
                         [SEMICOLON] = TO(TRAILER_CONTENT),
                         [EQUALS] = TO(TRAILER_CONTENT),
                         [QUOTE] = TO(TRAILER_CONTENT),
                         [BACKSLASH] = TO(TRAILER_CONTENT),
                         [COLON] = TO(TRAILER_CONTENT),
                         [TEXT] = TO(TRAILER_CONTENT),
                         [CR] = TO(TRAILER_LF)},
    [TRAILER_LF] = {[LF] = TO(TRAILER_START)},
    [END_LF] = {[LF] = TO(COMPLETE)},
};

static enum class class_of(uint8_t byte) {
    switch (byte){
        case ' ' : case '\t' : return SPACE; case '\r' : return CR; case '\n' : return LF;
        case ';' : return SEMICOLON;
        case '=' : return EQUALS;
        case '"' : return QUOTE;
        case '\\' : return BACKSLASH;
        case ':' : return COLON;
        default : break;
    }
if (ln_character_is(byte, LN_CHARACTER_TOKEN))
{
    return TOKEN;
}
return ln_character_is(byte, LN_CHARACTER_CONTENT) ? TEXT : CONTROL;
}

static bool refuse_chunk(struct ln_chunk_decode *decode, enum linnet_status status,
                         enum ln_close_reason reason)
{
    decode->phase = REFUSED;
    decode->refusal = (struct ln_refusal){status, reason};
    return false;
}

static bool bad_chunk(struct ln_chunk_decode *decode)
{
    return refuse_chunk(decode, LINNET_STATUS_BAD_REQUEST, LN_CLOSE_BAD_CHUNK);
}

/* One more digit of the size. */
static bool take_digit(struct ln_chunk_decode *decode, unsigned digit)
{
    LN_ASSERT(digit < 16);
    LN_ASSERT(decode->digits <= SIZE_DIGITS_MAX);
    /* RFC 9112 7.1: a size that does not fit is refused, not wrapped around. */
    if (decode->digits == SIZE_DIGITS_MAX || decode->remaining >> 60 != 0) {
        return bad_chunk(decode);
    }
    decode->remaining = decode->remaining << 4 | digit;
    decode->digits++;
    decode->phase = SIZE;
    return true;
}

/* Counts the byte that led from one phase to the next, if it is one of those that are bounded. */
static bool count_byte(struct ln_chunk_decode *decode, enum phase from, enum phase to,
                       const struct ln_chunk_limits *limits)
{
    bool extension = to >= EXTENSION_SPACE && to <= EXTENSION_QUOTED_END;
    bool trailer = from == TRAILER_LF || (to >= TRAILER_NAME && to <= TRAILER_LF);
    /* RFC 9112 7.1.1: extensions are bounded over the whole body, and so are the trailers. */
    if ((extension && decode->extension_len == limits->extension_len_max) ||
        (trailer && decode->trailer_len == limits->trailer_len_max)) {
        return refuse_chunk(decode, LINNET_STATUS_CONTENT_TOO_LARGE, LN_CLOSE_CHUNK_TOO_LARGE);
    }
    decode->extension_len += extension ? 1 : 0;
    decode->trailer_len += trailer ? 1 : 0;
    return true;
}

/* Takes one byte that is not data; false if it is refused. */
static bool decode_one(struct ln_chunk_decode *decode, uint8_t byte,
                       const struct ln_chunk_limits *limits)
{
    LN_ASSERT(decode->phase < COMPLETE);
    LN_ASSERT(decode->phase != DATA);
    enum phase from = decode->phase;
    unsigned digit = ln_number_hex_digit(byte);
    if (from <= SIZE && digit < 16) {
        return take_digit(decode, digit);
    }
    enum class class = class_of(byte);
    /* RFC 9112 2.2: a LF alone may be taken for a line end; by default we do not. */
    if (class == LF && (limits->leniencies & LN_LENIENCY_BARE_LF) != 0 &&
        transitions[from][CR] != 0) {
        from = transitions[from][CR] - 1;
    }
    if (transitions[from][class] == 0) {
        return bad_chunk(decode);
    }
    enum phase to = transitions[from][class] - 1;
    if (!count_byte(decode, from, to, limits)) {
        return false;
    }
    if (from == SIZE_LF) {
        /* RFC 9112 7.1: a chunk of size 0 is the last; the trailers follow it. */
        to = decode->remaining == 0 ? TRAILER_START : DATA;
        decode->digits = 0;
    }
    decode->phase = (uint8_t)to;
    return true;
}

/* The data at the front of the input, as far as it has come. */
static struct linnet_span take_data(struct ln_chunk_decode *decode, struct linnet_span input)
{
    LN_ASSERT(decode->phase == DATA);
    LN_ASSERT(decode->remaining > 0);
    size_t len = decode->remaining < input.len ? (size_t)decode->remaining : input.len;
    decode->remaining -= len;
    if (decode->remaining == 0) {
        decode->phase = DATA_CR;
    }
    return (struct linnet_span){input.data, len};
}

uint64_t ln_chunk_decode_announced(const struct ln_chunk_decode *decode)
{
    LN_ASSERT(decode->phase < PHASE_COUNT);
    return decode->phase == DATA ? decode->remaining : 0;
}

void ln_chunk_decode_give_back(struct ln_chunk_decode *decode, size_t len)
{
    LN_ASSERT(decode->phase == DATA || (decode->phase == DATA_CR && decode->remaining == 0));
    decode->remaining += len;
    decode->phase = len > 0 ? DATA : decode->phase;
}

void ln_chunk_decode_init(struct ln_chunk_decode *decode)
{
    LN_ASSERT(decode != NULL);
    memset(decode, 0, sizeof *decode);
    LN_ASSERT(decode->phase == SIZE_START);
}

enum ln_parse ln_chunk_decode_next(struct ln_chunk_decode *decode, struct linnet_span input,
                                   const struct ln_chunk_limits *limits, size_t *taken,
                                   struct linnet_span *content)
{
    LN_ASSERT(input.data != NULL || input.len == 0);
    LN_ASSERT(decode->phase < PHASE_COUNT);
    *content = (struct linnet_span){input.data, 0};
    size_t at = 0;
    while (at < input.len && decode->phase < COMPLETE) {
        if (decode->phase == DATA) {
            *content = take_data(decode, (struct linnet_span){input.data + at, input.len - at});
            at += content->len;
            break;
        }
        if (!decode_one(decode, input.data[at], limits)) {
            break;
        }
        at++;
    }
    *taken = at;
    if (decode->phase == REFUSED) {
        return LN_PARSE_REFUSED;
    }
    return decode->phase == COMPLETE ? LN_PARSE_COMPLETE : LN_PARSE_MORE;
}
