/* Uploads of any size in memory of a fixed size, on http://127.0.0.1:8080/ or where it is told:
 *
 *     upload FOLDER [ADDRESS]
 *
 *     curl -T large.iso http://127.0.0.1:8080/hash           its SHA-256, and nothing is kept
 *     curl -F file=@large.iso http://127.0.0.1:8080/files    a file of FOLDER; so does the page at /
 *
 * Content is handled as it arrives: it goes through the hash, or into the file, and is forgotten.
 * When the disk is slower than the network the next read waits, TCP tells the client, and nothing
 * is stored in between. What an upload needs is a struct below; there are as many as requests can
 * arrive at one time.
 *
 * The hash is nettle's: its state is a struct of ours, so nothing is allocated for it.
 *
 * A client names a file, and no more: see make_name. A file appears in FOLDER when it is complete,
 * and none is ever replaced. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linnet/linnet.h>
#include <nettle/sha2.h>

enum {
    UPLOADS = 128,
    NAME_LEN_MAX = 100,
    PART_HEAD_LEN_MAX = 512,
    FILES_MAX = 8, /* of one form */
    REPORT_LEN_MAX = FILES_MAX * (NAME_LEN_MAX + 32),
};

struct upload {
    bool used;
    struct sha256_ctx sha256;
    struct linnet_multipart form;
    uint8_t part_head[PART_HEAD_LEN_MAX];
    int file; /* of the part that is arriving, or -1 */
    uint64_t file_len;
    enum linnet_status refusal; /* why the form is not taken to its end */
    uint8_t report_bytes[REPORT_LEN_MAX];
    struct linnet_text report;
};

static struct upload uploads[UPLOADS];
static int folder;
static struct linnet_server *server;

/* A free one for this exchange, which keeps it. There always is: a request holds an input buffer
 * while it arrives, and there are no more of these. */
static struct upload *begin_upload(struct linnet_exchange *exchange)
{
    struct upload *upload = uploads;
    while (upload->used) {
        upload++;
    }
    upload->used = true;
    upload->file = -1;
    linnet_exchange_keep(exchange, upload);
    return upload;
}

static void reply_report(struct linnet_exchange *exchange, enum linnet_status status,
                         const struct linnet_text *report)
{
    struct linnet_reply reply = {.status = status,
                                 .media_type = LINNET_SPAN("text/plain; charset=utf-8"),
                                 .body = LINNET_BODY_COPY};
    if (linnet_text_finish(report, &reply.bytes) != LINNET_ERROR_NONE ||
        linnet_reply(exchange, &reply) != LINNET_ERROR_NONE) {
        (void)!linnet_reply_status(exchange, LINNET_STATUS_INTERNAL_SERVER_ERROR);
    }
}

/* ---- /hash: content of any size becomes 32 bytes --------------------------------------------- */

static void reply_hash(struct linnet_exchange *exchange, struct upload *upload)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct linnet_text report =
        linnet_text_over((struct linnet_room){upload->report_bytes, REPORT_LEN_MAX});
    sha256_digest(&upload->sha256, sizeof digest, digest);
    linnet_text_put_hex_bytes(&report, (struct linnet_span){digest, sizeof digest});
    linnet_text_put(&report, LINNET_SPAN("  "));
    linnet_text_put_decimal(&report, linnet_exchange_request(exchange)->body_len);
    linnet_text_put(&report, LINNET_SPAN(" bytes\n"));
    reply_report(exchange, LINNET_STATUS_OK, &report);
}

static void hash(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct upload *upload = linnet_exchange_kept(exchange);
    (void)context;
    switch (event) {
    case LINNET_EVENT_BEGIN:
        sha256_init(&begin_upload(exchange)->sha256);
        break;
    case LINNET_EVENT_DATA:
        sha256_update(&upload->sha256, data.len, data.data);
        break;
    case LINNET_EVENT_FINAL:
        reply_hash(exchange, upload);
        upload->used = false;
        break;
    default: /* ABORT: the client left before the end */
        upload->used = false;
        break;
    }
}

/* ---- /files: the files of a form ------------------------------------------------------------- */

/* The name of a client's file in our folder: letters, digits, ".", "-" and "_" of what it says, "_"
 * for anything else, and no dot in front. There is no slash in it, so it is never a path. */
static void make_name(char name[NAME_LEN_MAX + 1], struct linnet_span wish)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    size_t len = 0;
    for (; len < wish.len && len < NAME_LEN_MAX; len++) {
        const uint8_t byte = wish.data[len];
        name[len] = (char)(memchr(allowed, byte, sizeof allowed - 1) != NULL ? byte : '_');
    }
    name[len] = '\0';
    if (name[0] == '.') {
        name[0] = '_';
    }
}

/* While it arrives a file has a name that no client can choose. */
static void name_of_arriving(char name[NAME_LEN_MAX + 1], const struct upload *upload)
{
    (void)snprintf(name, NAME_LEN_MAX + 1, ".arriving-%d", (int)(upload - uploads));
}

static bool open_file(struct upload *upload)
{
    char arriving[NAME_LEN_MAX + 1];
    name_of_arriving(arriving, upload);
    (void)unlinkat(folder, arriving, 0); /* of a program that was killed */
    upload->file = openat(folder, arriving, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    upload->file_len = 0;
    upload->refusal = LINNET_STATUS_INTERNAL_SERVER_ERROR;
    return upload->file >= 0;
}

static bool write_file(struct upload *upload, struct linnet_span data)
{
    while (data.len > 0) {
        const ssize_t len = write(upload->file, data.data, data.len);
        if (len < 0 && errno != EINTR) {
            upload->refusal = LINNET_STATUS_INSUFFICIENT_STORAGE;
            return false;
        }
        if (len > 0) {
            data.data += len;
            data.len -= (size_t)len;
            upload->file_len += (uint64_t)len;
        }
    }
    return true;
}

/* Closes what is open; a file that has no other name by now is gone. */
static void drop_file(struct upload *upload)
{
    char arriving[NAME_LEN_MAX + 1];
    if (upload->file >= 0) {
        name_of_arriving(arriving, upload);
        (void)unlinkat(folder, arriving, 0);
        (void)close(upload->file);
        upload->file = -1;
    }
}

/* Complete: it gets its name, unless another file has it. */
static bool keep_file(struct upload *upload, struct linnet_span wish)
{
    char arriving[NAME_LEN_MAX + 1];
    char name[NAME_LEN_MAX + 1];
    name_of_arriving(arriving, upload);
    make_name(name, wish);
    const bool kept = linkat(folder, arriving, folder, name, 0) == 0;
    upload->refusal =
        errno == EEXIST ? LINNET_STATUS_CONFLICT : LINNET_STATUS_INTERNAL_SERVER_ERROR;
    drop_file(upload);
    linnet_text_put(&upload->report, LINNET_SPAN("saved "));
    linnet_text_put(&upload->report, (struct linnet_span){(const uint8_t *)name, strlen(name)});
    linnet_text_put(&upload->report, LINNET_SPAN(": "));
    linnet_text_put_decimal(&upload->report, upload->file_len);
    linnet_text_put(&upload->report, LINNET_SPAN(" bytes\n"));
    return kept;
}

/* Called for each part of the form. Fields that are no files are passed over, and so is what a
 * browser sends where no file was chosen: a file without a name. */
static bool take_part(void *context, enum linnet_multipart_event event,
                      const struct linnet_multipart_part *part, struct linnet_span data)
{
    struct upload *upload = context;
    if (event == LINNET_MULTIPART_FINISH || !part->has_filename || part->filename.len == 0) {
        return true;
    }
    switch (event) {
    case LINNET_MULTIPART_BEGIN:
        return open_file(upload);
    case LINNET_MULTIPART_DATA:
        return write_file(upload, data);
    default:
        return keep_file(upload, part->filename);
    }
}

static enum linnet_multipart_fault begin_form(struct linnet_exchange *exchange)
{
    struct upload *upload = begin_upload(exchange);
    struct linnet_multipart_config config = {
        .head = {upload->part_head, PART_HEAD_LEN_MAX},
        .part_count_max = FILES_MAX,
        .function = take_part,
        .context = upload,
    };
    (void)linnet_exchange_field(exchange, LINNET_SPAN("Content-Type"), &config.content_type);
    upload->report = linnet_text_over((struct linnet_room){upload->report_bytes, REPORT_LEN_MAX});
    return linnet_multipart_init(&upload->form, &config);
}

/* Answers, where something is wrong: before FINAL that says that the rest is not wanted. */
static bool is_sound(struct linnet_exchange *exchange, enum linnet_multipart_fault fault)
{
    if (fault == LINNET_MULTIPART_NONE) {
        return true;
    }
    const struct upload *upload = linnet_exchange_kept(exchange);
    (void)!linnet_reply_status(exchange, fault == LINNET_MULTIPART_STOPPED
                                             ? upload->refusal
                                             : linnet_multipart_status(fault));
    return false;
}

static void end_form(struct upload *upload)
{
    drop_file(upload);
    upload->used = false;
}

static void save(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    struct upload *upload = linnet_exchange_kept(exchange);
    (void)context;
    switch (event) {
    case LINNET_EVENT_BEGIN:
        (void)is_sound(exchange, begin_form(exchange));
        break;
    case LINNET_EVENT_DATA:
        (void)is_sound(exchange, linnet_multipart_feed(&upload->form, data));
        break;
    case LINNET_EVENT_FINAL:
        if (is_sound(exchange, linnet_multipart_finish(&upload->form))) {
            reply_report(exchange, LINNET_STATUS_CREATED, &upload->report);
        }
        end_form(upload);
        break;
    default: /* ABORT: the client left, or was answered before the end */
        end_form(upload);
        break;
    }
}

/* ---- the page -------------------------------------------------------------------------------- */

static void page(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                 struct linnet_span data)
{
    static const struct linnet_reply reply = {
        .status = LINNET_STATUS_OK,
        .media_type = LINNET_SPAN_INIT("text/html; charset=utf-8"),
        .body = LINNET_BODY_LEND,
        .bytes = LINNET_SPAN_INIT(
            "<!doctype html>\n<html lang=en><title>Upload</title>\n<h1>Upload</h1>\n"
            "<form action=/files method=post enctype=multipart/form-data>\n"
            "<p><label>Files: <input type=file name=file multiple required></label>\n"
            "<p><button>Upload</button>\n</form></html>\n"),
    };
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply(exchange, &reply);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = page},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/hash"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST) | LINNET_METHOD_BIT(LINNET_METHOD_PUT),
     .body_len_max = UINT64_MAX,
     .handler = hash},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/files"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .body_len_max = UINT64_MAX,
     .handler = save},
};

static void stop(int number)
{
    (void)number;
    linnet_server_stop(server);
}

/* Listens there, says where that is and what it costs, and serves until a signal. */
static enum linnet_error serve(const char *where, size_t memory_len)
{
    struct linnet_address address;
    char text[LINNET_ADDRESS_TEXT_MAX];
    const struct sigaction action = {.sa_handler = stop};
    const enum linnet_error error = linnet_server_listen(server, where, &address);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    linnet_address_print(text, &address);
    (void)printf("%zu KiB of memory, whatever comes\nhttp://%s/\n", memory_len / 1024, text);
    (void)fflush(stdout);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    return linnet_server_run(server);
}

int main(int argc, char **argv)
{
    char message[256] = "";
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.inputs = UPLOADS;
    limits.outputs = UPLOADS;
    const struct linnet_server_config config = {.routes = routes,
                                                .route_count = sizeof routes / sizeof routes[0],
                                                .limits = &limits,
                                                .message = message,
                                                .message_len = sizeof message};
    folder = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder < 0) {
        (void)fprintf(stderr, "usage: upload FOLDER [ADDRESS]\n");
        return 2;
    }
    enum linnet_error error = linnet_server_open(&config, NULL, 0, &server);
    if (error == LINNET_ERROR_NONE) {
        error = serve(argc > 2 ? argv[2] : "127.0.0.1:8080",
                      linnet_server_memory_len(&config) + sizeof uploads);
        linnet_server_close(server);
    }
    if (error != LINNET_ERROR_NONE) {
        (void)fprintf(stderr, "upload: %s (%s)\n", message, linnet_error_text(error));
    }
    (void)close(folder);
    return error == LINNET_ERROR_NONE ? 0 : 1;
}
