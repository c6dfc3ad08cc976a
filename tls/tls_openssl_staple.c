/* Stapling: what the authority says of the certificate, out of a file, goes to clients that ask. */
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdio.h>
#include <string.h>

#include "tls/tls_openssl.h"

/* RFC 6066 8: whoever asks gets it as it is; who does not, or when it is out of date, nothing. */
static int on_status(SSL *ssl, void *argument)
{
    const struct ln_tls_staple *staple = argument;
    if (staple->until_s != 0 && time(NULL) > staple->until_s) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    unsigned char *copy = OPENSSL_memdup(staple->data, staple->len);
    if (copy == NULL) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    (void)SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)staple->len); /* the session's now */
    return SSL_TLSEXT_ERR_OK;
}

/* Until when it holds; 0: it does not say. Not by timegm, which may allocate. */
static time_t end_of(const ASN1_GENERALIZEDTIME *next_update)
{
    int days = 0;
    int seconds = 0;
    return next_update != NULL && ASN1_TIME_diff(&days, &seconds, NULL, next_update) == 1
               ? time(NULL) + (time_t)days * 86400 + seconds
               : 0;
}

/* RFC 6960 4.2.2: about this very certificate, good, and not out of date. NULL, or what is wrong.
 */
static const char *look(OCSP_RESPONSE *response, const X509 *certificate, time_t *until_s)
{
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
    OCSP_SINGLERESP *single =
        basic == NULL || OCSP_resp_count(basic) != 1 ? NULL : OCSP_resp_get0(basic, 0);
    const char *wrong = "it is no answer about one certificate";
    if (single != NULL) {
        const OCSP_CERTID *about = OCSP_SINGLERESP_get0_id(single);
        ASN1_INTEGER *serial = NULL;
        ASN1_GENERALIZEDTIME *next_update = NULL;
        const int status = OCSP_single_get0_status(single, NULL, NULL, NULL, &next_update);
        (void)OCSP_id_get0_info(NULL, NULL, NULL, &serial, (OCSP_CERTID *)(uintptr_t)about);
        *until_s = end_of(next_update);
        wrong = serial == NULL ||
                        ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate)) != 0
                    ? "it is about another certificate"
                : status != V_OCSP_CERTSTATUS_GOOD              ? "the certificate is not good"
                : *until_s != 0 && time(NULL) > *until_s ? "it is out of date"
                                                         : NULL;
    }
    OCSP_BASICRESP_free(basic);
    return wrong;
}

static const char *check(const struct ln_tls_content *content, const X509 *certificate,
                         time_t *until_s)
{
    const unsigned char *at = (const unsigned char *)content->data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)content->len);
    const char *wrong = "it is no answer of OCSP in DER";
    if (response != NULL) {
        wrong = OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL
                    ? "the authority did not answer"
                    : look(response, certificate, until_s);
    }
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return wrong;
}

bool ln_tls_openssl_use_staple(SSL_CTX *context, const char *path, struct ln_tls_staple *staple,
                               char *message)
{
    struct ln_tls_content content = {NULL, 0};
    if (path == NULL) {
        return true;
    }
    if (!ln_tls_openssl_read_file("--tls", path, false, &content, message)) {
        return false;
    }
    const char *wrong = check(&content, SSL_CTX_get0_certificate(context), &staple->until_s);
    if (wrong == NULL) {
        staple->data = OPENSSL_memdup(content.data, content.len);
        staple->len = content.len;
        wrong = staple->data == NULL ? "there is no memory for it" : NULL;
    }
    ln_tls_openssl_forget_file(&content);
    if (wrong != NULL) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                       "--tls: \"%.200s\" cannot be stapled: %s. Fetch it anew: openssl ocsp "
                       "-respout FILE.",
                       path, wrong);
        return false;
    }
    return SSL_CTX_set_tlsext_status_cb(context, on_status) == 1 &&
           SSL_CTX_set_tlsext_status_arg(context, staple) == 1;
}
