/* Leniencies: X(ID, "name", "what is let through"). All are off unless switched on by name.
 *
 * Each is for clients that exist; none changes what a strict request means. */
#ifndef LN_TABLE_LENIENCY_H
#define LN_TABLE_LENIENCY_H

#define LN_LENIENCIES(X)                                                                \
    X(BARE_LF, "bare-lf", "a line may end in LF alone (RFC 9112 2.2)")                  \
    X(MISSING_HOST, "missing-host", "an HTTP/1.1 request may lack Host (RFC 9112 3.2)") \
    X(RAW_TARGET, "raw-target",                                                         \
      "the path and query may hold the bytes \" < > [ ] \\ ^ ` { | } unescaped (RFC 3986 2)")

enum ln_leniency {
#define LN_LENIENCY_INDEX(id, name, meaning) LN_LENIENCY_INDEX_##id,
    LN_LENIENCIES(LN_LENIENCY_INDEX)
#undef LN_LENIENCY_INDEX
        LN_LENIENCY_COUNT,
};

enum {
#define LN_LENIENCY_BIT(id, name, meaning) LN_LENIENCY_##id = 1U << LN_LENIENCY_INDEX_##id,
    LN_LENIENCIES(LN_LENIENCY_BIT)
#undef LN_LENIENCY_BIT
};

#endif
