/* Certificates and keys: read from files and checked, or made. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "tls/tls_openssl.h"

enum {
    OWN_DAYS = 90,
    SERIAL_LEN = 16,
};

/* The server's own certificate first, each of the others certifying the one before.
 */
static bool take_chain(SSL_CTX *context, BIO *bio)
{
    X509 *own = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    bool right = own != NULL && SSL_CTX_use_certificate(context, own) == 1;
    X509_free(own);
    X509 *next;
    while (right && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        right = SSL_CTX_add0_chain_cert(context, next) == 1;
        if (!right) {
            X509_free(next);
        }
    }
    ERR_clear_error();
    return right;
}

static bool use_certificate(SSL_CTX *context, const char *path, char *message)
{
    struct ln_tls_content content = {NULL, 0};
    if (!ln_tls_openssl_read_file("--tls", path, false, &content, message)) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(content.data, (int)content.len);
    const bool right = bio != NULL && take_chain(context, bio);
    (void)BIO_free(bio);
    ln_tls_openssl_forget_file(&content);
    if (!right) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls: \"%.200s\" is no certificate that can be used. It must be PEM "
                       "(-----BEGIN CERTIFICATE-----), the server's own first, with a key of 2048 "
                       "bits of RSA or more, of ECDSA, or Ed25519.",
                       path);
        return false;
    }
    const X509 *own = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls: the certificate \"%.200s\" has expired. Renew it, or check the "
                       "clock of this machine.",
                       path);
        return false;
    }
    return true;
}

static int no_password(char *buffer, int len, int writes, void *asked)
{
    (void)buffer;
    (void)len;
    (void)writes;
    *(bool *)asked = true;
    return -1;
}

static bool use_key(SSL_CTX *context, const struct ln_tls_pair *pair, char *message)
{
    struct ln_tls_content content = {NULL, 0};
    bool asked = false;
    if (!ln_tls_openssl_read_file("--tls", pair->key, true, &content, message)) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(content.data, (int)content.len);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked);
    const bool read = key != NULL;
    const bool fits = read && SSL_CTX_use_PrivateKey(context, key) == 1 &&
                      SSL_CTX_check_private_key(context) == 1;
    EVP_PKEY_free(key);
    (void)BIO_free(bio);
    ln_tls_openssl_forget_file(&content);
    if (asked) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls: the key \"%.200s\" is locked with a password. Unlock it: openssl "
                       "pkey -in \"%.200s\" -out FILE",
                       pair->key, pair->key);
    } else if (!read) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls: \"%.200s\" is no private key. It must be PEM, such as "
                       "-----BEGIN PRIVATE KEY-----.",
                       pair->key);
    } else if (!fits) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls: the key \"%.200s\" does not belong to the certificate \"%.200s\". "
                       "Name the two that were made together.",
                       pair->key, pair->certificate);
    }
    return fits;
}

bool ln_tls_openssl_use_pair(SSL_CTX *context, const struct ln_tls_pair *pair, char *message)
{
    return use_certificate(context, pair->certificate, message) && use_key(context, pair, message);
}

/* ---- a certificate of our own --------------------------------------------------------------- */

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX about;
    X509V3_set_ctx_nodb(&about);
    X509V3_set_ctx(&about, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &about, kind, value);
    const bool right = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return right;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_LEN];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    bytes[0] = (unsigned char)((bytes[0] & 0x7F) | 0x40); /* positive, and of that length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    const bool right =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return right;
}

/* From an hour ago, for clocks differ, for ninety days. */
static bool describe(X509 *certificate, EVP_PKEY *key, const char *names)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), OWN_DAYS, 0, NULL) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)"Linnet, self-signed", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static bool print_fingerprint(const X509 *certificate, char text[LN_TLS_FINGERPRINT_LEN])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1 || len != 32) {
        return false;
    }
    for (unsigned i = 0; i < len; i++) {
        (void)snprintf(text + (size_t)i * 3, 4, "%02X%s", digest[i], i + 1 < len ? ":" : "");
    }
    return true;
}

bool ln_tls_openssl_use_same(SSL_CTX *context, SSL_CTX *before)
{
    return SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(before)) == 1 &&
           SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(before)) == 1;
}

bool ln_tls_openssl_use_own(SSL_CTX *context, const char *names,
                            char fingerprint[LN_TLS_FINGERPRINT_LEN], char *message)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    const bool right = key != NULL && certificate != NULL && describe(certificate, key, names) &&
                       print_fingerprint(certificate, fingerprint) &&
                       SSL_CTX_use_certificate(context, certificate) == 1 &&
                       SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (!right) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls-self-signed: no certificate could be made for %.200s.", names);
    }
    return right;
}
