/* Opening listeners, and saying what was wrong with them. */
#include "server/listeners.h"

#include <stdio.h>
#include <string.h>

#include "drivers/system/system_beside.h"
#include "drivers/system/system_error.h"
#include "drivers/system/system_socket.h"
#include "server/address.h"

enum {
    NEAR_PORTS = 100,       /* looked at behind a port that is taken, before any port will do */
    FIRST_FREE_PORT = 8080, /* instead of one that needs privileges */
    PRIVILEGED_PORTS = 1024,
    WHERE_MAX = LN_ADDRESS_TEXT_MAX,
};

static enum linnet_error listen_on(struct ln_server_listener *listener,
                                   const struct ln_system_listening *how)
{
    if (listener->path != NULL) {
        const enum linnet_error made =
            ln_system_unix_listen(listener->path, how->backlog, &listener->name);
        listener->descriptor = listener->name.descriptor;
        return made;
    }
    const enum linnet_error error =
        ln_system_listen(&listener->address, listener->any, how, &listener->descriptor);
    if (error == LINNET_ERROR_UNSUPPORTED && listener->any) {
        /* A kernel without IPv6: every address is then every IPv4 address. */
        memset(listener->address.ip + 10, 0xFF, 2);
        return ln_system_listen(&listener->address, false, how, &listener->descriptor);
    }
    return error;
}

/* The address as --listen takes it. */
static void print_where(char where[WHERE_MAX], const struct ln_server_listener *listener)
{
    if (listener->any) {
        (void)snprintf(where, WHERE_MAX, "%u", listener->address.port);
    } else {
        ln_address_print(where, &listener->address);
    }
}

/* Moves the listener to a port that is free now; false: there is none. */
static bool find_free_port(struct ln_server_listener *listener)
{
    const struct ln_system_listening how = {.backlog = 1};
    const unsigned taken = listener->address.port;
    const unsigned first = taken < PRIVILEGED_PORTS ? FIRST_FREE_PORT : taken + 1;
    for (unsigned i = 0; i <= NEAR_PORTS; i++) {
        const unsigned port = i < NEAR_PORTS && first + i <= UINT16_MAX ? first + i : 0;
        listener->address.port = (uint16_t)port;
        if (listen_on(listener, &how) == LINNET_ERROR_NONE) {
            ln_system_close_socket(listener->descriptor, false);
            listener->descriptor = -1;
            return true;
        }
    }
    return false;
}

static void say_wrong_address(const struct ln_server_listener *listener, enum linnet_error error,
                              char *message)
{
    struct ln_server_listener other = *listener;
    char where[WHERE_MAX];
    char free_where[WHERE_MAX];
    char advice[2 * WHERE_MAX] = "Choose another address with --listen HOST:PORT.";
    const char *reason = error == LINNET_ERROR_ADDRESS_IN_USE ? "something listens there already"
                         : error == LINNET_ERROR_FORBIDDEN
                             ? "a port below 1024 needs privileges (CAP_NET_BIND_SERVICE)"
                             : ln_system_error_text(error);
    print_where(where, listener);
    if ((error == LINNET_ERROR_ADDRESS_IN_USE || error == LINNET_ERROR_FORBIDDEN) &&
        find_free_port(&other)) {
        print_where(free_where, &other);
        (void)snprintf(advice, sizeof advice, "Port %u is free: --listen %s", other.address.port,
                       free_where);
    }
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "cannot listen on %s%s: %s. %s",
                   listener->any ? "port " : "", where, reason, advice);
}

static void say_wrong_path(const struct ln_server_listener *listener, enum linnet_error error,
                           char *message)
{
    const char *reason = ln_system_error_text(error);
    const char *advice = "Choose another path with --listen unix:PATH.";
    switch (error) {
    case LINNET_ERROR_TOO_LARGE:
        reason = "the path is longer than the 107 bytes that the system allows";
        break;
    case LINNET_ERROR_ADDRESS_IN_USE:
        reason = "another program answers there";
        break;
    case LINNET_ERROR_INVALID:
        reason = "something lies there that is no socket";
        advice = "Choose another path with --listen unix:PATH, or remove what lies there.";
        break;
    case LINNET_ERROR_NOT_FOUND:
        reason = "there is no such folder";
        advice = "Make the folder, or choose another path with --listen unix:PATH.";
        break;
    default:
        break;
    }
    (void)snprintf(message, LN_SERVER_MESSAGE_MAX, "cannot listen on unix:%.200s: %s. %s",
                   listener->path, reason, advice);
}

void ln_listeners_forget(struct ln_server *server)
{
    struct ln_server_config *config = &server->config;
    for (unsigned i = 0; i < config->listener_count; i++) {
        config->listeners[i].descriptor = -1;
        for (unsigned place = 0; place < server->workers; place++) {
            server->places[place].listeners[i] = -1;
        }
    }
}

static struct ln_system_listening how_to_listen(const struct linnet_limits *limits)
{
    return (struct ln_system_listening){
        .backlog = (unsigned)limits->listen_backlog,
        .defer_s = (unsigned)limits->defer_accept_s,
        .send_len = limits->socket_send_len,
        .receive_len = limits->socket_receive_len,
    };
}

static bool open_first(const struct ln_server_config *config, struct ln_server_listener *listener,
                       char *message)
{
    const struct ln_system_listening how = how_to_listen(&config->limits);
    const enum linnet_error error = listen_on(listener, &how);
    if (error == LINNET_ERROR_NONE) {
        return true;
    }
    listener->descriptor = -1;
    if (listener->path != NULL) {
        say_wrong_path(listener, error, message);
    } else {
        say_wrong_address(listener, error, message);
    }
    return false;
}

/* The other workers' listeners: of TCP their own, so that the kernel divides those who come; a unix
 * socket is one for all. */
static bool open_others(struct ln_server *server, unsigned i, char *message)
{
    const struct ln_server_config *config = &server->config;
    const struct ln_server_listener *listener = &config->listeners[i];
    const struct ln_system_listening how = how_to_listen(&config->limits);
    for (unsigned place = 0; place < server->workers; place++) {
        int *descriptor = &server->places[place].listeners[i];
        if (place == 0 || listener->path != NULL) {
            *descriptor = listener->descriptor;
            continue;
        }
        const enum linnet_error error =
            ln_system_beside_listen(listener->descriptor, &how, descriptor);
        if (error != LINNET_ERROR_NONE) {
            *descriptor = -1;
            say_wrong_address(listener, error, message);
            return false;
        }
    }
    return true;
}

bool ln_listeners_open(struct ln_server *server, char *message)
{
    struct ln_server_config *config = &server->config;
    for (unsigned i = 0; i < config->listener_count; i++) {
        if (!open_first(config, &config->listeners[i], message) ||
            !open_others(server, i, message)) {
            return false;
        }
    }
    return true;
}

static void remove_name(struct ln_server_listener *listener)
{
    if (listener->path != NULL && listener->descriptor >= 0) {
        ln_system_unix_remove(listener->path, &listener->name);
    }
}

void ln_listeners_remove_names(struct ln_server *server)
{
    for (unsigned i = 0; i < server->config.listener_count; i++) {
        remove_name(&server->config.listeners[i]);
    }
}

void ln_listeners_shut(const struct ln_server *server, unsigned place)
{
    for (unsigned i = 0; i < server->config.listener_count; i++) {
        ln_system_shut_listener(server->places[place].listeners[i]);
    }
}

void ln_listeners_close(struct ln_server *server)
{
    struct ln_server_config *config = &server->config;
    ln_listeners_remove_names(server);
    for (unsigned i = 0; i < config->listener_count; i++) {
        struct ln_server_listener *listener = &config->listeners[i];
        for (unsigned place = 1; place < server->workers; place++) {
            const int descriptor = server->places[place].listeners[i];
            if (descriptor >= 0 && descriptor != listener->descriptor) {
                ln_system_close_socket(descriptor, false);
            }
        }
        if (listener->descriptor >= 0) {
            ln_system_close_socket(listener->descriptor, false);
        }
    }
    ln_listeners_forget(server);
}
