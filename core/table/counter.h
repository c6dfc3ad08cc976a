/* What a worker counts: X(name, "meaning"). One writer, so plain numbers. */
#ifndef LN_TABLE_COUNTER_H
#define LN_TABLE_COUNTER_H

#include <stdint.h>

#include <linnet/span.h>

#include "core/table/close_reason.h"

#define LN_COUNTERS(X)                                                       \
    X(connections_opened, "connections accepted")                            \
    X(connections_closed, "connections ended, for whatever reason")          \
    X(connections_evicted, "idle connections closed to make room")           \
    X(accept_pauses, "times accepting stopped because no slot was free")     \
    X(descriptor_pauses, "times accepting stopped for want of descriptors")  \
    X(requests, "request heads received whole")                              \
    X(answers_1xx, "interim answers")                                        \
    X(answers_2xx, "answers with a 2xx status")                              \
    X(answers_3xx, "answers with a 3xx status")                              \
    X(answers_4xx, "answers with a 4xx status")                              \
    X(answers_5xx, "answers with a 5xx status")                              \
    X(refusals, "requests refused for what they were")                       \
    X(input_waits, "times a connection stood in line for an input buffer")   \
    X(output_waits, "times a connection stood in line for an output buffer") \
    X(inputs_reclaimed, "unfinished requests that gave their buffer up")     \
    X(overloads, "503 answers because no buffer came free in time")          \
    X(file_reads, "reads of files that completed while others went on")      \
    X(plain_reads, "reads of files that had to be waited for instead")       \
    X(bytes_received, "bytes received")                                      \
    X(bytes_sent, "bytes handed on to be sent")

struct ln_counters {
#define LN_COUNTER_MEMBER(name, meaning) uint64_t name;
    LN_COUNTERS(LN_COUNTER_MEMBER)
#undef LN_COUNTER_MEMBER
    uint64_t closed_for[LN_CLOSE_REASON_COUNT]; /* enum ln_close_reason */
};

#endif
