/* An asynchronous file server, on http://127.0.0.1:8888/ for the folder ./ or where its arguments
 * say:
 *
 *     aws [ADDRESS [FOLDER]]
 *
 * What lies in FOLDER/static leaves by sendfile, without being copied. What lies in FOLDER/dynamic
 * is read ahead by the kernel's asynchronous reads and sent from memory, while other clients are
 * served. A file in one may be a link into the other. Anything else is 404. Every answer says how
 * long it is, and closes its connection.
 *
 * A file is a source of Linnet's: it is held while it is sent, and closed with the last release. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linnet/linnet.h>

enum {
    CLIENTS = 256,
    BUFFERS = 64,
    READ_LEN = 65536,
    PATH_LEN_MAX = 1024,
};

/* The first member: one is the other. `holds` 0: it is free. */
struct open_file {
    struct linnet_source source;
    unsigned holds;
};

static struct open_file files[CLIENTS];
static int root = -1;
static struct linnet_server *running;

/* ---- a file as a source ---------------------------------------------------------------------- */

static ptrdiff_t read_file(struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    const ssize_t len = pread(source->descriptor, room.data, room.len, (off_t)offset);
    return len < 0 ? LINNET_READ_FAILED : len;
}

static void hold_file(struct linnet_source *source)
{
    ((struct open_file *)source)->holds++;
}

static void release_file(struct linnet_source *source)
{
    struct open_file *file = (struct open_file *)source;
    file->holds--;
    if (file->holds == 0) {
        (void)close(source->descriptor);
    }
}

static const struct linnet_source_operations operations = {
    .read = read_file, .hold = hold_file, .release = release_file};

/* Past the system's memory where the file system can: only such reads go on by themselves. */
static int open_below(const char *path, bool *direct)
{
    int descriptor = -1;
    if (*direct) {
        descriptor = openat(root, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_DIRECT);
    }
    if (descriptor < 0) {
        *direct = false;
        descriptor = openat(root, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    return descriptor;
}

/* The file of that path with its length, held once for the caller; NULL: there is none. */
static struct open_file *take_file(struct linnet_span path, bool read_ahead, uint64_t *len)
{
    char name[PATH_LEN_MAX];
    struct stat facts;
    struct open_file *file = files;
    while (file < files + CLIENTS && file->holds > 0) {
        file++;
    }
    if (file == files + CLIENTS || path.len < 2 || path.len > sizeof name) {
        return NULL;
    }
    memcpy(name, path.data + 1, path.len - 1);
    name[path.len - 1] = '\0';
    bool direct = read_ahead;
    const int descriptor = open_below(name, &direct);
    if (descriptor < 0 || fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return NULL;
    }
    *file = (struct open_file){.source = {.operations = &operations,
                                          .descriptor = descriptor,
                                          .read_ahead = read_ahead,
                                          .direct = direct},
                               .holds = 1};
    *len = (uint64_t)facts.st_size;
    return file;
}

/* ---- the handlers ---------------------------------------------------------------------------- */

static void not_found(struct linnet_exchange *exchange)
{
    static const struct linnet_reply reply = {
        .status = LINNET_STATUS_NOT_FOUND,
        .media_type = LINNET_SPAN_INIT("text/plain; charset=utf-8"),
        .body = LINNET_BODY_LEND,
        .bytes = LINNET_SPAN_INIT("404 Not Found\n"),
        .close = true,
    };
    (void)!linnet_reply(exchange, &reply);
}

/* `context`: how its files are sent. */
static void give_file(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                      struct linnet_span data)
{
    (void)data;
    if (event != LINNET_EVENT_FINAL) {
        return;
    }
    uint64_t len = 0;
    const bool *read_ahead = context;
    struct open_file *file = take_file(linnet_exchange_request(exchange)->path, *read_ahead, &len);
    if (file == NULL) {
        not_found(exchange);
        return;
    }
    const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN("application/octet-stream"),
        .body = LINNET_BODY_SOURCE,
        .source = &file->source,
        .len = len,
        .close = true,
    };
    (void)!linnet_reply(exchange, &reply);
    release_file(&file->source);
}

static void give_nothing(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        not_found(exchange);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static void stop(int number)
{
    (void)number;
    linnet_server_stop(running);
}

/* Listens and serves until a signal. */
static enum linnet_error serve(const char *where)
{
    struct linnet_address address;
    char text[LINNET_ADDRESS_TEXT_MAX];
    const struct sigaction action = {.sa_handler = stop};
    const enum linnet_error error = linnet_server_listen(running, where, &address);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    linnet_address_print(text, &address);
    (void)printf("listening on %s\n", text);
    (void)fflush(stdout);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    return linnet_server_run(running);
}

int main(int argc, char **argv)
{
    static const bool sent = false;
    static const bool read_ahead = true;
    static const unsigned get = LINNET_METHOD_BIT(LINNET_METHOD_GET);
    const struct linnet_route routes[] = {
        {.kind = LINNET_ROUTE_PREFIX,
         .path = LINNET_SPAN("/static"),
         .methods = get,
         .handler = give_file,
         .context = (void *)&sent},
        {.kind = LINNET_ROUTE_PREFIX,
         .path = LINNET_SPAN("/dynamic"),
         .methods = get,
         .handler = give_file,
         .context = (void *)&read_ahead},
        {.kind = LINNET_ROUTE_DEFAULT, .methods = get, .handler = give_nothing},
    };
    const char *where = argc > 1 ? argv[1] : "8888";
    const char *folder = argc > 2 ? argv[2] : "./";
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = CLIENTS;
    limits.inputs = BUFFERS;
    limits.outputs = BUFFERS;
    limits.read_len = READ_LEN;
    limits.extra_reads = BUFFERS;
    const struct linnet_server_config config = {
        .routes = routes, .route_count = 3, .limits = &limits, .driver = "epoll"};
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        perror(folder);
        return 1;
    }
    enum linnet_error error = linnet_server_open(&config, NULL, 0, &running);
    if (error == LINNET_ERROR_NONE) {
        error = serve(where);
        linnet_server_close(running);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)fprintf(stderr, "aws: %s: %s\n", where, linnet_error_text(error));
    }
    (void)close(root);
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
