/* Every limit: its name, unit, default, smallest and largest value, and why it is there.
 *
 * X(name, unit, default, least, most, "reason"). Values are set at boot; the smallest ones are what
 * the hostile build runs with. A limit over its `most`, or under its `least`, fails boot. The sums
 * that must hold between limits are checked by linnet_limits_check. */
#ifndef LINNET_LIMITS_H
#define LINNET_LIMITS_H

#include <stdint.h>

#include <linnet/declarations.h>

LINNET_BEGIN

#define LINNET_LIMITS(X)                                                                           \
    X(connections, "connections", 4096, 1, 1000000, "slots: one for each open connection")         \
    X(inputs, "loans", 512, 1, 1000000, "input buffers: one for each request being read")          \
    X(input_len, "bytes", 16384, 320, 1048576, "an input buffer: a head and a piece of body")      \
    X(outputs, "loans", 512, 1, 1000000, "output buffers: one for each answer being sent")         \
    X(output_len, "bytes", 16384, 640, 1048576, "an output buffer: heads and copied content")      \
    X(read_len, "bytes", 0, 0, 1048576, "a buffer to read files ahead into; 0: files are sent")    \
    X(read_ahead, "loans", 4, 1, 8, "such buffers of one answer: what is read before it is sent")  \
    X(extra_reads, "loans", 128, 0, 1000000, "such buffers beyond one for each output buffer")     \
    X(files, "files", 1024, 1, 1000000, "files that are remembered or being sent")                 \
    X(open_files, "files", 512, 1, 1000000, "of these, open ones: the larger files")               \
    X(cache_blocks, "blocks", 512, 0, 1000000, "of these, whole in memory: the smaller files")     \
    X(cache_block_len, "bytes", 16384, 0, 16777216, "the largest file that is kept in memory")     \
    X(cache_ms, "ms", 1000, 0, 86400000, "how long a file is not looked at again; 0: no cache")    \
    X(request_line_len_max, "bytes", 8192, 64, 65000, "the request line; longer: 414")             \
    X(path_len_max, "bytes", 4096, 48, 65000, "the path of a request; longer: 414")                \
    X(head_len_max, "bytes", 12288, 256, 65000, "request line and fields; longer: 431")            \
    X(field_count_max, "lines", 100, 8, 1000, "field lines of a request; more: 431")               \
    X(empty_lines_max, "lines", 1, 1, 16, "empty lines before a request line; more: 400")          \
    X(reply_head_len_max, "bytes", 2048, 384, 65000, "the head of an answer")                      \
    X(copy_len_max, "bytes", 4096, 192, 65000, "content that a handler lets be copied")            \
    X(note_len, "bytes", 512, 64, 65000, "what the log will say of an answer that takes long")     \
    X(body_len_max, "bytes", 1048576, 0, UINT64_MAX / 4, "content of a request; more: 413")        \
    X(chunk_extension_len_max, "bytes", 1024, 0, 1048576, "chunk extensions of a body; more: 413") \
    X(trailer_len_max, "bytes", 4096, 0, 1048576, "the trailer section of a body; more: 413")      \
    X(discard_len_max, "bytes", 262144, 0, UINT32_MAX,                                             \
      "unwanted input read and dropped so that a refused client still reads its answer")           \
    X(head_ms, "ms", 20000, 50, 86400000, "from a connection's or head's begin to the head's end") \
    X(idle_ms, "ms", 60000, 50, 86400000, "between two requests")                                  \
    X(write_stall_ms, "ms", 30000, 50, 86400000, "the peer takes no byte of an answer")            \
    X(read_stall_ms, "ms", 30000, 50, 86400000, "the peer sends no byte of a body")                \
    X(linger_ms, "ms", 5000, 10, 86400000, "waiting for the peer to close after the last answer")  \
    X(wait_ms, "ms", 5000, 10, 86400000, "in line for a buffer; then 503, or room is made")        \
    X(suspend_ms, "ms", 60000, 10, 86400000,                                                       \
      "a handler that waits is not heard of; then 503. time_ms_max of a route replaces it")        \
    X(loan_grace_ms, "ms", 50, 10, 86400000,                                                       \
      "while others wait, an unfinished head without progress keeps its buffer this long")         \
    X(rate_grace_ms, "ms", 20000, 50, 86400000, "before the least rates count")                    \
    X(body_rate_min, "bytes/s", 256, 0, 1000000000, "a request body; slower: closed; 0: any")      \
    X(answer_rate_min, "bytes/s", 256, 0, 1000000000, "an answer; slower: closed; 0: any")         \
    X(lifetime_ms, "ms", 0, 0, UINT64_MAX / 4, "a connection's longest life; 0: no limit")         \
    X(drain_ms, "ms", 10000, 0, 86400000, "finishing what is begun before the program stops")      \
    X(requests_per_turn, "requests", 16, 1, 100000, "of one connection before others' turn")       \
    X(bytes_per_turn, "bytes", 65536, 1, UINT32_MAX, "read from one connection in a turn")         \
    X(file_bytes_per_turn, "bytes", 1048576, 1, UINT32_MAX, "sent from a file in a turn")          \
    X(accepts_per_turn, "connections", 64, 1, 100000, "accepted from one listener in a turn")      \
    X(listen_backlog, "connections", 4096, 1, 65535, "waiting in the kernel to be accepted")       \
    X(defer_accept_s, "s", 1, 0, 60,                                                               \
      "a TCP connection without a byte waits in the kernel about so long; 0: it is accepted")      \
    X(socket_send_len, "bytes", 524288, 0, UINT32_MAX,                                             \
      "the kernel's send buffer of a TCP connection, which it doubles; 0: the kernel decides")     \
    X(socket_receive_len, "bytes", 65536, 0, UINT32_MAX,                                           \
      "the kernel's receive buffer of a TCP connection, which it doubles; 0: the kernel decides")  \
    X(uring_entries, "requests", 256, 8, 16384, "driver uring: handed to the kernel in one call")  \
    X(uring_buffers, "buffers", 256, 1, 32768, "driver uring: input that the kernel has received") \
    X(uring_buffer_len, "bytes", 2048, 64, 65536, "one of these; more input takes more of them")   \
    X(log_len, "bytes", 65536, 512, 67108864, "log lines waiting to be written; more: dropped")    \
    X(workers, "processes", 1, 1, 256, "workers: processes that serve, each with an equal part")   \
    X(children_max, "processes", 256, 1, 65536, "driver fork: processes, one for each connection") \
    X(child_cpu_s, "s", 60, 1, 86400, "driver fork: CPU time of one process; more: it is killed")  \
    X(threads_max, "threads", 64, 1, 4096, "driver threads: each serves one connection at a time") \
    X(thread_stack_len, "bytes", 131072, 65536, 67108864, "driver threads: the stack of each")     \
    X(respawn_ms, "ms", 100, 1, 86400000,                                                          \
      "before a worker is replaced that soon ended like the one before; doubles each time")        \
    X(respawn_ms_max, "ms", 10000, 1, 86400000,                                                    \
      "the longest such wait; a worker that lived as long is replaced at once")                    \
    X(tls_connections, "sessions", 4096, 1, 1000000, "TLS: connections with a session at a time")  \
    X(tls_handshakes, "sessions", 256, 1, 100000, "TLS: of these, those in their handshake")       \
    X(tls_handshake_ms, "ms", 10000, 50, 86400000, "TLS: from connecting to the handshake's end")  \
    X(tls_handshake_len_max, "bytes", 32768, 512, 1048576, "TLS: what a client sends until then")  \
    X(tls_ticket_s, "s", 43200, 1, 31536000, "TLS: a key seals tickets, known twice as long more") \
    X(tls_outputs, "loans", 512, 1, 1000000, "TLS: buffers of sealed records, to be sent")         \
    X(tls_output_len, "bytes", 20480, 1024, 1048576, "TLS: one of these")

struct linnet_limits {
#define LINNET_LIMIT_MEMBER(name, unit, normal, least, most, reason) uint64_t name;
    LINNET_LIMITS(LINNET_LIMIT_MEMBER)
#undef LINNET_LIMIT_MEMBER
};

enum linnet_limit {
#define LINNET_LIMIT_ENUM(name, unit, normal, least, most, reason) LINNET_LIMIT_##name,
    LINNET_LIMITS(LINNET_LIMIT_ENUM)
#undef LINNET_LIMIT_ENUM
        LINNET_LIMIT_COUNT,
};

/* Each its default: where one begins who wants others. */
void linnet_limits_default(struct linnet_limits *limits);

/* The rules for and between limits; NULL, or what does not hold, in words that name the limits. */
const char *linnet_limits_check(const struct linnet_limits *limits);

LINNET_END

#endif
