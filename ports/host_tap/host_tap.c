/* The port to lwIP on a host: the sample over a TAP device, where a debugger and the sanitizers
 * see it.
 *
 *     host_tap DEVICE
 *
 * The device exists already; the addresses are 10.7.0.2/24 and fd07::2/64. */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "ports/lwip/lwip_random.h"
#include "ports/sample/sample.h"

enum { FRAME_LEN_MAX = 1514, FRAMES_PER_TURN = 16, WAIT_MS = 10 };

static int device;

_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}

static struct linnet_time now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (struct linnet_time){.monotonic_ms =
                                    (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000,
                                .unix_s = LINNET_NO_WALL_CLOCK};
}

uint32_t sys_now(void)
{
    return (uint32_t)now().monotonic_ms;
}

static void print(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

static err_t send_frame(struct netif *netif, struct pbuf *frame)
{
    uint8_t bytes[FRAME_LEN_MAX];
    (void)netif;
    const size_t len = pbuf_copy_partial(frame, bytes, sizeof bytes, 0);
    return write(device, bytes, len) == (ssize_t)len ? ERR_OK : ERR_IF;
}

static bool receive_frame(void)
{
    uint8_t bytes[FRAME_LEN_MAX];
    const ssize_t len = read(device, bytes, sizeof bytes);
    if (len > 0) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        ln_lwip_random_stir((uint32_t)time.tv_nsec);
        ln_sample_receive(bytes, (uint16_t)len);
    }
    return len > 0;
}

static void open_device(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
        perror(name);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    const struct ln_sample_config config = {.send = send_frame, .now = now, .print = print};
    if (argc != 2) {
        fputs("usage: host_tap DEVICE\n", stderr);
        return 2;
    }
    open_device(argv[1]);
    ln_sample_open(&config);
    for (;;) {
        struct pollfd waits = {.fd = device, .events = POLLIN};
        (void)poll(&waits, 1, WAIT_MS);
        for (int i = 0; i < FRAMES_PER_TURN && receive_frame(); i++) {
        }
        ln_sample_turn();
    }
}
