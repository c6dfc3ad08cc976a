/* Certificates of clients: who certifies them, and whose they are. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "tls/tls_openssl.h"

static bool trust(SSL_CTX *context, BIO *bio)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    unsigned count = 0;
    bool right = bio != NULL;
    X509 *authority;
    while (right && (authority = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        right = X509_STORE_add_cert(store, authority) == 1 &&
                SSL_CTX_add_client_CA(context, authority) == 1;
        X509_free(authority);
        count++;
    }
    ERR_clear_error();
    return right && count > 0;
}

bool ln_tls_openssl_use_clients(SSL_CTX *context, const struct ln_tls_settings *settings,
                                char *message)
{
    struct ln_tls_content content = {NULL, 0};
    if (settings->clients == LN_TLS_CLIENTS_OFF) {
        return true;
    }
    if (!ln_tls_openssl_read_file("--tls-clients", settings->clients_path, false, &content,
                                  message)) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(content.data, (int)content.len);
    const bool right = trust(context, bio);
    (void)BIO_free(bio);
    ln_tls_openssl_forget_file(&content);
    if (!right) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls-clients: \"%.200s\" has no certificate of an authority. It must be "
                       "PEM (-----BEGIN CERTIFICATE-----).",
                       settings->clients_path);
        return false;
    }
    SSL_CTX_set_verify(context,
                       settings->clients == LN_TLS_CLIENTS_REQUIRED
                           ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                           : SSL_VERIFY_PEER,
                       NULL);
    return true;
}

/* RFC 4514 2: the parts from the last to the first, with commas between. */
static char *print_subject(const X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *subject = NULL;
    char *text = NULL;
    if (bio != NULL &&
        X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
                           XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        const long len = BIO_get_mem_data(bio, &text);
        subject = OPENSSL_strndup(text, (size_t)len);
    }
    (void)BIO_free(bio);
    return subject;
}

bool ln_tls_openssl_keep_subject(SSL *ssl)
{
    const X509 *certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == NULL || SSL_get_verify_result(ssl) != X509_V_OK) {
        return true;
    }
    char *subject = print_subject(certificate);
    return subject != NULL && SSL_set_app_data(ssl, subject) == 1;
}

const char *ln_tls_openssl_subject(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}
