/* Reading files of certificates and keys, into memory of the arena that is wiped. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tls/tls_openssl.h"

enum { FILE_LEN_MAX = 262144 };

static bool say_unreadable(const char *option, const char *path, const char *reason, char *message)
{
    (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                   "%s: cannot read \"%.200s\": %s. Name a file that this user may read.",
                   option, path, reason);
    return false;
}

static const char *reason_of(int error)
{
    return error == ENOENT || error == ENOTDIR ? "there is no such file"
           : error == EACCES                   ? "permission denied"
           : error == EISDIR                   ? "it is a folder"
                                               : "the system refused it";
}

static bool fill(int file, const char *option, const char *path, struct ln_tls_content *content,
                 char *message)
{
    size_t len = 0;
    while (len < FILE_LEN_MAX) {
        const ssize_t count = read(file, content->data + len, FILE_LEN_MAX - len);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return say_unreadable(option, path, reason_of(errno), message);
        }
        if (count == 0) {
            content->len = len;
            return true;
        }
        len += (size_t)count;
    }
    return say_unreadable(option, path, "it is larger than 256 KiB", message);
}

/* A key that others may read is nobody's secret. */
static bool is_private(int file, const char *option, const char *path, char *message)
{
    struct stat status;
    if (fstat(file, &status) != 0 || (status.st_mode & S_IROTH) == 0) {
        return true;
    }
    (void)snprintf(message, LN_TLS_MESSAGE_MAX,
                   "%s: the key \"%.200s\" may be read by everyone. Take that away: chmod o= "
                   "\"%.200s\"",
                   option, path, path);
    return false;
}

void ln_tls_openssl_forget_file(struct ln_tls_content *content)
{
    OPENSSL_clear_free(content->data, FILE_LEN_MAX);
    content->data = NULL;
}

/* Without stdio, whose buffers are libc's: certificates are read again while the program runs. */
bool ln_tls_openssl_read_file(const char *option, const char *path, bool is_secret,
                              struct ln_tls_content *content, char *message)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return say_unreadable(option, path, reason_of(errno), message);
    }
    content->data = OPENSSL_malloc(FILE_LEN_MAX);
    bool right = content->data != NULL;
    if (!right) {
        (void)snprintf(message, LN_TLS_MESSAGE_MAX, "%s: there is no memory to read \"%.200s\".",
                       option, path);
    }
    right = right && (!is_secret || is_private(file, option, path, message)) &&
            fill(file, option, path, content, message);
    (void)close(file);
    if (!right && content->data != NULL) {
        ln_tls_openssl_forget_file(content);
    }
    return right;
}
