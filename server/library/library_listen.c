/* The listeners of a server: opened by their text, or adopted. */
#include <string.h>

#include "drivers/system/system_adopt.h"
#include "drivers/system/system_socket.h"
#include "server/address.h"
#include "server/library/library_server.h"

#define UNIX_PREFIX "unix:"

void ln_library_listener_close(const struct ln_library_listener *listener)
{
    if (listener->path[0] != 0) {
        ln_system_unix_remove(listener->path, &listener->name);
    }
    if (!listener->adopted) {
        ln_system_close_socket(listener->descriptor, false);
    }
}

static struct ln_system_listening listening_of(const struct linnet_server *server)
{
    return (struct ln_system_listening){
        .backlog = (unsigned)server->limits.listen_backlog,
        .defer_s = (unsigned)server->limits.defer_accept_s,
        .send_len = server->limits.socket_send_len,
        .receive_len = server->limits.socket_receive_len,
    };
}

static enum linnet_error open_unix(struct ln_library_listener *listener, const char *path,
                                   unsigned backlog)
{
    const size_t len = strlen(path);
    if (len == 0) {
        return LINNET_ERROR_INVALID;
    }
    if (len >= sizeof listener->path) {
        return LINNET_ERROR_TOO_LARGE;
    }
    const enum linnet_error error = ln_system_unix_listen(path, backlog, &listener->name);
    if (error == LINNET_ERROR_NONE) {
        listener->descriptor = listener->name.descriptor;
        memcpy(listener->path, path, len + 1);
    }
    return error;
}

static enum linnet_error open_address(struct ln_library_listener *listener,
                                      struct linnet_address *address, bool any,
                                      const struct ln_system_listening *how)
{
    const enum linnet_error error = ln_system_listen(address, any, how, &listener->descriptor);
    if (error != LINNET_ERROR_UNSUPPORTED || !any) {
        return error;
    }
    /* A kernel without IPv6: every address is then every IPv4 address. */
    memset(address->ip + 10, 0xFF, 2);
    return ln_system_listen(address, false, how, &listener->descriptor);
}

static void say_wrong(const struct linnet_server *server, const char *where, const char *reason,
                      enum linnet_error error)
{
    const char *hint = error == LINNET_ERROR_FORBIDDEN && strncmp(where, UNIX_PREFIX, 5) != 0
                           ? " (a port below 1024 needs privileges)"
                           : "";
    LN_MESSAGE_SAY(server->message, "cannot listen on ", where, ": ", reason, hint, ".");
}

/* From here on it is one of the server's. */
static enum linnet_error add(struct linnet_server *server,
                             const struct ln_library_listener *listener)
{
    const enum linnet_error error =
        server->listener_count == LINNET_LISTENERS_MAX
            ? LINNET_ERROR_TOO_LARGE
            : server->operations->listener_add(server->driver, listener->descriptor);
    if (error != LINNET_ERROR_NONE) {
        LN_MESSAGE_SAY(server->message, "the driver ", server->operations->name,
                       error == LINNET_ERROR_TOO_LARGE ? " listens on no more addresses"
                                                       : " cannot watch the listener",
                       ": ", linnet_error_text(error), ".");
        return error;
    }
    server->listeners[server->listener_count] = *listener;
    server->listener_count++;
    return LINNET_ERROR_NONE;
}

static enum linnet_error open_where(struct linnet_server *server,
                                    struct ln_library_listener *listener, const char *where,
                                    struct linnet_address *address)
{
    const struct ln_system_listening how = listening_of(server);
    bool any = false;
    enum linnet_error error = LINNET_ERROR_INVALID;
    const char *reason = NULL;
    memset(address, 0, sizeof *address);
    if (strncmp(where, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0) {
        error = open_unix(listener, where + strlen(UNIX_PREFIX), how.backlog);
    } else {
        reason = ln_address_parse(where, address, &any);
        if (reason == NULL) {
            error = open_address(listener, address, any, &how);
        }
    }
    if (error != LINNET_ERROR_NONE) {
        say_wrong(server, where, reason != NULL ? reason : linnet_error_text(error), error);
    }
    return error;
}

enum linnet_error linnet_server_listen(struct linnet_server *server, const char *where,
                                       struct linnet_address *address)
{
    struct ln_library_listener listener = {.descriptor = -1};
    struct linnet_address opened;
    enum linnet_error error = open_where(server, &listener, where, &opened);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    error = add(server, &listener);
    if (error != LINNET_ERROR_NONE) {
        ln_library_listener_close(&listener);
    } else if (address != NULL) {
        *address = opened;
    }
    return error;
}

enum linnet_error linnet_server_adopt(struct linnet_server *server, int descriptor,
                                      struct linnet_address *address)
{
    const struct ln_library_listener listener = {.descriptor = descriptor, .adopted = true};
    const struct ln_system_listening how = listening_of(server);
    struct linnet_address found;
    enum linnet_error error = ln_system_adopt(descriptor, &how, &found);
    if (error != LINNET_ERROR_NONE) {
        LN_MESSAGE_SAY(server->message, "cannot listen on the descriptor: ",
                       error == LINNET_ERROR_INVALID ? "it is no listening stream socket"
                                                     : linnet_error_text(error),
                       ".");
        return error;
    }
    error = add(server, &listener);
    if (error == LINNET_ERROR_NONE && address != NULL) {
        *address = found;
    }
    return error;
}

void linnet_address_print(char text[LINNET_ADDRESS_TEXT_MAX], const struct linnet_address *address)
{
    static const struct linnet_address none;
    _Static_assert((int)LINNET_ADDRESS_TEXT_MAX >= (int)LN_ADDRESS_TEXT_MAX, "one holds the other");
    if (memcmp(address->ip, none.ip, sizeof none.ip) == 0 && address->port == 0) {
        memcpy(text, UNIX_PREFIX, sizeof UNIX_PREFIX);
    } else {
        ln_address_print(text, address);
    }
}
