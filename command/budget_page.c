/* The page of --budget. Its columns: term, reason, count x size, reserved; all numbers are bytes,
 * or descriptors. */
#include "command/budget_page.h"

#include <stdio.h>
#include <string.h>

enum {
    /* An idle TCP socket: its own record, an inode, a file and a directory entry of the kernel. */
    SOCKET_AT_REST_LEN = 4096,
    PAGE_LEN = 4096, /* the unit of tcp_mem */
    REASON_WIDTH_MIN = 38,
};

/* `width`: of the column of reasons. */
static void print_row(int width, const char *name, const char *reason, const char *product,
                      uint64_t len)
{
    (void)printf("%-11s %-*s %15s %11llu\n", name, width, reason, product, (unsigned long long)len);
}

static void print_product(int width, const char *name, const char *reason, uint64_t count,
                          uint64_t each, uint64_t len)
{
    char product[48];
    (void)snprintf(product, sizeof product, "%llu x %llu", (unsigned long long)count,
                   (unsigned long long)each);
    print_row(width, name, reason, product, len);
}

/* "exchanges: what is ..." behind the name "exchanges" is said once. */
static const char *reason_of(const struct ln_budget_term *term)
{
    const size_t len = strlen(term->name);
    const bool repeated =
        strncmp(term->reason, term->name, len) == 0 && strncmp(term->reason + len, ": ", 2) == 0;
    return repeated ? term->reason + len + 2 : term->reason;
}

static int width_of(const struct ln_budget_term *terms, unsigned count)
{
    size_t width = REASON_WIDTH_MIN;
    for (unsigned i = 0; i < count; i++) {
        const size_t len = strlen(reason_of(&terms[i]));
        width = len > width ? len : width;
    }
    return (int)width;
}

static void print_terms(int width, const struct ln_budget_term *terms, unsigned count, uint64_t sum)
{
    for (unsigned i = 0; i < count; i++) {
        print_product(width, terms[i].name, reason_of(&terms[i]), terms[i].count, terms[i].each,
                      terms[i].len);
    }
    print_row(width, "sum", "", "", sum);
}

static void print_head(int width, const char *title, const char *product, const char *len)
{
    (void)printf("%-*s %15s %11s\n", width + 12, title, product, len);
}

/* The number at that place of a line of numbers such as "4096 131072 6291456", or 0. */
static uint64_t read_setting(const char *path, unsigned place)
{
    unsigned long long numbers[3] = {0, 0, 0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    const int count = fscanf(file, "%llu %llu %llu", &numbers[0], &numbers[1], &numbers[2]);
    (void)fclose(file);
    return count > (int)place ? numbers[place] : 0;
}

/* What the library of TLS draws from: in slabs, but for its large blocks. */
static void print_arena(int width, const struct ln_server *server)
{
    const struct ln_tls_memory memory = ln_server_tls_memory(server);
    const uint64_t slab_len = LN_TLS_ARENA_SLAB_LEN;
    const uint64_t len = ln_tls_memory_len(&memory);
    if (!ln_server_has_tls(&server->config)) {
        return;
    }
    print_head(width, "\nmemory of TLS, an arena of each process", "count x size", "reserved");
    print_product(width, "library", "what it needs of its own, and certificates", memory.base_slabs,
                  slab_len, memory.base_slabs * slab_len);
    print_product(width, "sessions", "tls_connections at rest, with their keys",
                  memory.session_slabs, slab_len, memory.session_slabs * slab_len);
    print_product(width, "handshakes", "what tls_handshakes need besides", memory.handshake_slabs,
                  slab_len, memory.handshake_slabs * slab_len);
    print_product(width, "reserve", "so that no size of blocks lacks memory", memory.reserve_slabs,
                  slab_len, memory.reserve_slabs * slab_len);
    print_product(width, "messages", "of handshakes, and records being worked on", memory.large,
                  LN_TLS_ARENA_LARGE_LEN, (uint64_t)memory.large * LN_TLS_ARENA_LARGE_LEN);
    print_row(width, "records", "of these", "",
              len -
                  (memory.base_slabs + memory.session_slabs + memory.handshake_slabs +
                   memory.reserve_slabs) *
                      slab_len -
                  memory.large * (uint64_t)LN_TLS_ARENA_LARGE_LEN);
    print_row(width, "sum", "", "", len);
    print_product(width, "arenas", "one for each process", ln_server_arena_count(server), len,
                  ln_server_arenas_len(server));
}

/* What comes to the block of one worker: those of the others, and what all of them share. */
static void print_whole(int width, const struct ln_server *server)
{
    const uint64_t shared_len = ln_server_shared_len(server);
    const uint64_t blocks_len = ln_server_blocks_len(server);
    if (server->slices > 0) {
        print_product(width, "slices",
                      server->blocks > server->slices ? "one for each connection, one to accept"
                                                      : "one for each connection",
                      server->workers * (uint64_t)server->blocks, server->budget.memory_len,
                      blocks_len);
    } else if (server->workers > 1) {
        print_product(width, "workers", "each with such a block", server->workers,
                      server->budget.memory_len, blocks_len);
    }
    print_arena(width, server);
    print_product(width, "shared", "what workers tell their parent", server->workers,
                  shared_len / server->workers, shared_len);
    print_row(width, "all", "of the program", "",
              blocks_len + shared_len + ln_server_arenas_len(server));
}

/* A row of buffers: by their limit, or without one by what the kernel lets them grow to. */
static uint64_t print_buffers(int width, const char *name, const char *meaning, uint64_t limit,
                              const char *grown, const char *most, uint64_t connections)
{
    char reason[80];
    /* The kernel doubles what it is told, for its own records, and takes no more than its most. */
    const uint64_t allowed = limit > 0 ? read_setting(most, 0) : 0;
    const uint64_t told = allowed > 0 && allowed < limit ? allowed : limit;
    const uint64_t each = limit > 0 ? 2 * told : read_setting(grown, 2);
    const char *cap = limit == 0 ? grown : told < limit ? most : NULL;
    if (cap == NULL) {
        (void)snprintf(reason, sizeof reason, "%s: socket_%s_len", meaning, name);
    } else {
        (void)snprintf(reason, sizeof reason, "%s: %s", meaning, strrchr(cap, '/') + 1);
    }
    print_product(width, name, reason, connections, each, connections * each);
    return connections * each;
}

static void print_kernel(int width, const struct linnet_limits *limits, uint64_t connections)
{
    const uint64_t all = read_setting("/proc/sys/net/ipv4/tcp_mem", 2) * PAGE_LEN;
    const uint64_t at_rest = connections * SOCKET_AT_REST_LEN;
    print_head(width, "\nthe kernel's memory for TCP, an estimate", " count x size", "at most");
    print_product(width, "sockets", "connections at rest", connections, SOCKET_AT_REST_LEN,
                  at_rest);
    const uint64_t buffers =
        print_buffers(width, "receive", "unread bytes", limits->socket_receive_len,
                      "/proc/sys/net/ipv4/tcp_rmem", "/proc/sys/net/core/rmem_max", connections) +
        print_buffers(width, "send", "unsent bytes", limits->socket_send_len,
                      "/proc/sys/net/ipv4/tcp_wmem", "/proc/sys/net/core/wmem_max", connections);
    print_row(width, "cap", "of buffers of all TCP here: tcp_mem", "", all);
    print_row(width, "sum", "sockets, and buffers up to the cap", "",
              at_rest + (all > 0 && all < buffers ? all : buffers));
}

void ln_budget_page_print(const struct ln_server *server)
{
    struct ln_budget_term memory[LN_BUDGET_TERMS_MAX];
    struct ln_budget_term descriptors[LN_BUDGET_TERMS_MAX];
    struct ln_budget_plan plan = ln_server_plan(&server->config);
    plan.threads = server->rows; /* each with its own */
    const unsigned memory_count = ln_budget_memory_terms(&plan, memory);
    const unsigned descriptor_count = ln_budget_descriptor_terms(&plan, descriptors);
    const int width = width_of(memory, memory_count);
    print_head(width,
               server->slices > 0    ? "memory, one block of each slice reserved at start"
               : server->workers > 1 ? "memory, one block of each worker reserved at start"
                                     : "memory, one block reserved at start",
               "count x size", "reserved");
    print_terms(width, memory, memory_count, server->budget.memory_len);
    print_row(width, "touched", "of these when it has started", "", ln_server_touched_len(server));
    print_whole(width, server);
    print_kernel(width, &server->config.limits, ln_server_connections(server));
    print_head(width,
               server->slices > 0    ? "\ndescriptors, of each process"
               : server->workers > 1 ? "\ndescriptors, of each worker"
                                     : "\ndescriptors",
               " count x size", "reserved");
    print_terms(width, descriptors, descriptor_count, server->budget.descriptors);
    print_row(width, "allowed", "by the system: ulimit -n", "", server->descriptors_allowed);
    if (server->connections_lowered) {
        (void)puts("\nconnections and open_files were lowered to what descriptors allow.");
    }
}
