/* What the files of the OpenSSL implementation share. */
#ifndef LN_TLS_TLS_OPENSSL_H
#define LN_TLS_TLS_OPENSSL_H

#include <openssl/ssl.h>
#include <stdatomic.h>
#include <time.h>

#include "tls/tls.h"

/* What is stapled to a certificate, or nothing. */
struct ln_tls_staple {
    unsigned char *data;
    size_t len;
    time_t until_s; /* by the wall clock; 0: it does not say */
};

struct ln_tls_context {
    atomic_uint holders;
    SSL_CTX *contexts[LN_TLS_PAIRS_MAX + 1]; /* the first one answers who names nobody known */
    struct ln_tls_staple staples[LN_TLS_PAIRS_MAX + 1]; /* of each of these */
    unsigned count;
    const struct ln_tls_tickets *tickets;
    char fingerprint[LN_TLS_FINGERPRINT_LEN];
};

/* What was read of a file. */
struct ln_tls_content {
    char *data;
    size_t len;
};

/* tls_openssl_file.c: all of a file, of which a secret may not be readable by everyone; false:
 * `message` says why not, naming the option. Then it is wiped. */
bool ln_tls_openssl_read_file(const char *option, const char *path, bool is_secret,
                              struct ln_tls_content *content, char *message);
void ln_tls_openssl_forget_file(struct ln_tls_content *content);

/* tls_openssl_staple.c: what the file says of the context's certificate is told to who asks; NULL:
 * there is no file. */
bool ln_tls_openssl_use_staple(SSL_CTX *context, const char *path, struct ln_tls_staple *staple,
                               char *message);

/* tls_openssl_client.c: clients are asked for certificates, as the settings say. */
bool ln_tls_openssl_use_clients(SSL_CTX *context, const struct ln_tls_settings *settings,
                                char *message);
/* Keeps the subject of the client's certificate with the session; false: there is no memory. */
bool ln_tls_openssl_keep_subject(SSL *ssl);
const char *ln_tls_openssl_subject(const SSL *ssl);

/* tls_openssl_ticket.c: sessions go into tickets, sealed by the keys of the shared context. */
bool ln_tls_openssl_use_tickets(SSL_CTX *context);

/* tls_openssl_session.c: the wire as OpenSSL's own kind of stream; NULL: no memory. Once. */
bool ln_tls_openssl_open_wire(void);

/* tls_openssl_certificate.c: gives the pair of files, or one that is made, to the context. */
bool ln_tls_openssl_use_pair(SSL_CTX *context, const struct ln_tls_pair *pair, char *message);
/* The one that `before` has made. */
bool ln_tls_openssl_use_same(SSL_CTX *context, SSL_CTX *before);
bool ln_tls_openssl_use_own(SSL_CTX *context, const char *names,
                            char fingerprint[LN_TLS_FINGERPRINT_LEN], char *message);

#endif
