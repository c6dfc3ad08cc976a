/* A session by OpenSSL: its wire is a BIO of our own over bytes that others lend. */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "core/base/assert.h"
#include "tls/tls_openssl.h"

static BIO_METHOD *wire_method;

static int wire_read(BIO *bio, char *data, int len)
{
    struct ln_tls_wire *wire = BIO_get_data(bio);
    const size_t wanted = len > 0 ? (size_t)len : 0;
    const size_t given = wanted < wire->in.len ? wanted : wire->in.len;
    BIO_clear_retry_flags(bio);
    if (given == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(data, wire->in.data, given);
    wire->in.data += given;
    wire->in.len -= given;
    return (int)given;
}

static int wire_write(BIO *bio, const char *data, int len)
{
    struct ln_tls_wire *wire = BIO_get_data(bio);
    const size_t room = wire->out_room - wire->out_len;
    const size_t wanted = len > 0 ? (size_t)len : 0;
    const size_t given = wanted < room ? wanted : room;
    BIO_clear_retry_flags(bio);
    if (given == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    memcpy(wire->out + wire->out_len, data, given);
    wire->out_len += given;
    return (int)given;
}

static long wire_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

bool ln_tls_openssl_open_wire(void)
{
    if (wire_method == NULL) {
        BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "linnet");
        if (method == NULL || BIO_meth_set_read(method, wire_read) != 1 ||
            BIO_meth_set_write(method, wire_write) != 1 ||
            BIO_meth_set_ctrl(method, wire_control) != 1) {
            return false;
        }
        wire_method = method;
    }
    return true;
}

static SSL *ssl_of(struct ln_tls_session *session)
{
    return (SSL *)session;
}

static const SSL *ssl_of_const(const struct ln_tls_session *session)
{
    return (const SSL *)session;
}

struct ln_tls_session *ln_tls_session_open(struct ln_tls_context *context, struct ln_tls_wire *wire)
{
    SSL *ssl = SSL_new(context->contexts[0]);
    BIO *bio = BIO_new(wire_method);
    if (ssl == NULL || bio == NULL) {
        SSL_free(ssl);
        (void)BIO_free(bio);
        ERR_clear_error();
        return NULL;
    }
    (void)ln_tls_context_hold(context);
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    return (struct ln_tls_session *)ssl;
}

void ln_tls_session_close(struct ln_tls_session *session)
{
    const SSL_CTX *own = SSL_get_SSL_CTX(ssl_of(session));
    struct ln_tls_context *context = SSL_CTX_get_app_data(own);
    OPENSSL_free(SSL_get_app_data(ssl_of(session)));
    SSL_free(ssl_of(session));
    ln_tls_context_release(context);
    ERR_clear_error();
}

static enum ln_tls_outcome outcome_of(SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE:
        return LN_TLS_DONE;
    case SSL_ERROR_WANT_READ:
        return LN_TLS_WANTS_INPUT;
    case SSL_ERROR_WANT_WRITE:
        return LN_TLS_WANTS_OUTPUT;
    case SSL_ERROR_ZERO_RETURN:
        return LN_TLS_ENDED;
    default:
        ERR_clear_error();
        return LN_TLS_FAILED;
    }
}

enum ln_tls_outcome ln_tls_session_handshake(struct ln_tls_session *session)
{
    ERR_clear_error();
    const enum ln_tls_outcome outcome =
        outcome_of(ssl_of(session), SSL_do_handshake(ssl_of(session)));
    return outcome == LN_TLS_DONE && !ln_tls_openssl_keep_subject(ssl_of(session)) ? LN_TLS_FAILED
                                                                                   : outcome;
}

enum ln_tls_outcome ln_tls_session_read(struct ln_tls_session *session, struct linnet_room room,
                                        size_t *len)
{
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_of(session), room.data, room.len, len);
    return outcome_of(ssl_of(session), result);
}

enum ln_tls_outcome ln_tls_session_write(struct ln_tls_session *session, struct linnet_span bytes)
{
    size_t written = 0;
    LN_ASSERT(bytes.len > 0);
    LN_ASSERT(bytes.len <= LN_TLS_PLAIN_LEN_MAX);
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_of(session), bytes.data, bytes.len, &written);
    return result == 1 && written == bytes.len ? LN_TLS_DONE : LN_TLS_FAILED;
}

void ln_tls_session_shut(struct ln_tls_session *session)
{
    if (SSL_is_init_finished(ssl_of(session)) == 1) {
        ERR_clear_error();
        (void)SSL_shutdown(ssl_of(session));
    }
    ERR_clear_error();
}

void ln_tls_session_info(const struct ln_tls_session *session, struct linnet_tls_info *info)
{
    const unsigned char *protocol = NULL;
    unsigned protocol_len = 0;
    SSL_get0_alpn_selected(ssl_of_const(session), &protocol, &protocol_len);
    const char *name = SSL_get_servername(ssl_of_const(session), TLSEXT_NAMETYPE_host_name);
    const char *subject = ln_tls_openssl_subject(ssl_of_const(session));
    *info = (struct linnet_tls_info){
        .protocol = {protocol, protocol_len},
        .server_name = {(const uint8_t *)name, name == NULL ? 0 : strlen(name)},
        .client_subject = {(const uint8_t *)subject, subject == NULL ? 0 : strlen(subject)},
    };
}

bool ln_tls_session_is_resumed(const struct ln_tls_session *session)
{
    return SSL_session_reused(ssl_of_const(session)) == 1;
}
