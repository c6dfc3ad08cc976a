/* The sample that the boards run. All of its memory stands here. */
#include "ports/sample/sample.h"

#include <string.h>

#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/init.h>
#include <lwip/timeouts.h>

#include <linnet/text.h>
#include <linnet/worker_config.h>

#include "core/base/assert.h"
#include "examples/zephyr_pages.h"
#include "ports/lwip/lwip_driver.h"
#include "ports/lwip/lwipopts.h"

enum {
    PORT = 80,
    BUFFERS = 2,
    INPUT_LEN = ZEPHYR_HEAD_MAX + 96,
    REPLY_HEAD_LEN = 384,
    MEMORY_LEN = LN_SAMPLE_MEMORY_LEN,
};

static uint8_t memory[MEMORY_LEN];
static struct linnet_worker *worker;
static struct ln_lwip_driver driver;
static struct ln_lwip_peer peers[LN_LWIP_CONNECTIONS + LN_LWIP_BACKLOG];
static struct netif netif;
static struct ln_sample_config board;

/* ---- a page from flash ----------------------------------------------------------------------- */

static const struct linnet_representation page = {
    .media_type = LINNET_SPAN_INIT("text/html; charset=utf-8"),
    .entity_tag = LINNET_SPAN_INIT("\"1\""),
    .last_modified_unix_s = LINNET_NO_WALL_CLOCK,
    .bytes = LINNET_SPAN_INIT(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Linnet on a board</title>"
        "<link rel=icon href=data:,><body><h1>Linnet on a board</h1><p>This page lies in flash and "
        "is "
        "sent from there: 64 KiB of RAM, no heap, no operating system.</p><p><a "
        "href=/headers>What the board sees of you</a></p></body></html>\n"),
};

static void page_from_flash(void *context, struct linnet_exchange *exchange,
                            enum linnet_event event, struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply_representation(exchange, &page);
    }
}

/* ---- bytes in, to see how they are taken ----------------------------------------------------- */

static uint32_t upload_sum;
static uint64_t upload_len;

/* Says how many bytes came and their FNV-1a sum; one upload at a time is summed. */
static void upload(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                   struct linnet_span data)
{
    (void)context;
    if (event == LINNET_EVENT_BEGIN) {
        upload_sum = 2166136261U;
        upload_len = 0;
    } else if (event == LINNET_EVENT_DATA) {
        for (size_t i = 0; i < data.len; i++) {
            upload_sum = (upload_sum ^ data.data[i]) * 16777619U;
        }
        upload_len += data.len;
    } else if (event == LINNET_EVENT_FINAL) {
        uint8_t bytes[48];
        struct linnet_span said;
        struct linnet_text text = linnet_text_over((struct linnet_room){bytes, sizeof bytes});
        linnet_text_put_decimal(&text, upload_len);
        linnet_text_put(&text, LINNET_SPAN(" "));
        linnet_text_put_decimal(&text, upload_sum);
        linnet_text_put(&text, LINNET_SPAN("\n"));
        const enum linnet_error error = linnet_text_finish(&text, &said);
        LN_ASSERT(error == LINNET_ERROR_NONE);
        const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                           .media_type = LINNET_SPAN("text/plain"),
                                           .body = LINNET_BODY_COPY,
                                           .bytes = said};
        (void)!linnet_reply(exchange, &reply);
    }
}

/* ---- bytes out, more than the board has ------------------------------------------------------ */

enum { LONG_LEN = 100 * 1024 };

/* Byte i is a function of i, so that whoever downloads it can check each one. */
static ptrdiff_t read_long(struct linnet_source *source, uint64_t offset, struct linnet_room room)
{
    (void)source;
    for (size_t i = 0; i < room.len; i++) {
        const uint64_t at = offset + i;
        room.data[i] = (uint8_t)('a' + (at ^ (at >> 8) ^ (at >> 16)) % 26);
    }
    return (ptrdiff_t)room.len;
}

static void keep_long(struct linnet_source *source)
{
    (void)source;
}

static const struct linnet_source_operations long_operations = {read_long, keep_long, keep_long};
static struct linnet_source long_source = {.operations = &long_operations, .descriptor = -1};

static void download(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                     struct linnet_span data)
{
    (void)context;
    (void)data;
    if (event == LINNET_EVENT_FINAL) {
        const struct linnet_reply reply = {.status = LINNET_STATUS_OK,
                                           .media_type = LINNET_SPAN("text/plain"),
                                           .body = LINNET_BODY_SOURCE,
                                           .source = &long_source,
                                           .len = LONG_LEN};
        (void)!linnet_reply(exchange, &reply);
    }
}

static const struct linnet_route routes[] = {
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/page.html"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = page_from_flash},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/upload"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_POST),
     .body_len_max = 64 * 1024 * 1024,
     .handler = upload},
    {.kind = LINNET_ROUTE_EXACT,
     .path = LINNET_SPAN_INIT("/download"),
     .methods = LINNET_METHOD_BIT(LINNET_METHOD_GET),
     .handler = download},
    ZEPHYR_ROUTES,
};

/* ---- the console ----------------------------------------------------------------------------- */

static void log_client(void *context, const struct linnet_connection_info *info)
{
    char text[IPADDR_STRLEN_MAX];
    ip_addr_t address;
    (void)context;
    if (info->peer.ip[10] == 0xFF && info->peer.ip[11] == 0xFF && info->peer.ip[0] == 0) {
        IP_ADDR4(&address, info->peer.ip[12], info->peer.ip[13], info->peer.ip[14],
                 info->peer.ip[15]);
    } else {
        ip_addr_set_zero_ip6(&address);
        memcpy(ip_2_ip6(&address)->addr, info->peer.ip, 16);
    }
    board.print("client ");
    board.print(ipaddr_ntoa_r(&address, text, sizeof text));
    board.print("\n");
}

/* ---- the server ------------------------------------------------------------------------------ */

static struct linnet_limits small_limits(void)
{
    struct linnet_limits limits;
    linnet_limits_default(&limits);
    limits.connections = LN_LWIP_CONNECTIONS;
    limits.inputs = BUFFERS;
    limits.outputs = BUFFERS;
    limits.head_len_max = ZEPHYR_HEAD_MAX;
    limits.request_line_len_max = ZEPHYR_HEAD_MAX / 2;
    limits.path_len_max = 128;
    limits.field_count_max = ZEPHYR_FIELDS_MAX;
    limits.input_len = INPUT_LEN;
    limits.reply_head_len_max = REPLY_HEAD_LEN;
    limits.copy_len_max = LN_SAMPLE_PAGE_LEN;
    limits.output_len = REPLY_HEAD_LEN + LN_SAMPLE_PAGE_LEN + 32;
    limits.note_len = 64;
    limits.read_ahead = 1;
    limits.extra_reads = 0;
    limits.write_stall_ms = 8000;
    return limits;
}

static void open_worker(void)
{
    const struct linnet_limits limits = small_limits();
    const struct linnet_worker_config config = {
        .limits = &limits,
        .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .hooks = {.opened = log_client},
        .now_ms = board.now().monotonic_ms,
    };
    const enum linnet_error error = linnet_worker_init(&config, memory, sizeof memory, &worker);
    LN_ASSERT(error == LINNET_ERROR_NONE);
    const struct ln_lwip_driver_config driver_config = {
        .worker = worker,
        .peers = peers,
        .peer_count = sizeof peers / sizeof peers[0],
        .backlog = LN_LWIP_BACKLOG,
        .now = board.now,
    };
    ln_lwip_driver_open(&driver, &driver_config);
    const bool listens = ln_lwip_driver_listen(&driver, PORT);
    LN_ASSERT(listens);
}

/* ---- the interface --------------------------------------------------------------------------- */

static err_t open_netif(struct netif *opened)
{
    static const uint8_t address[ETH_HWADDR_LEN] = {2, 0, 0, 0, 0, 2};
    memcpy(opened->hwaddr, address, sizeof address);
    opened->hwaddr_len = sizeof address;
    opened->name[0] = 'e';
    opened->name[1] = 'n';
    opened->mtu = 1500;
    opened->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    opened->output = etharp_output;
    opened->output_ip6 = ethip6_output;
    opened->linkoutput = board.send;
    return ERR_OK;
}

static void set_addresses(void)
{
    ip4_addr_t address;
    ip4_addr_t mask;
    ip6_addr_t address6;
    IP4_ADDR(&address, 10, 7, 0, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &address, &mask, NULL, NULL, open_netif, netif_input);
    netif_create_ip6_linklocal_address(&netif, 1);
    IP6_ADDR(&address6, PP_HTONL(0xFD070000), 0, 0, PP_HTONL(2));
    netif_ip6_addr_set(&netif, 1, &address6);
    netif_ip6_addr_set_state(&netif, 1, IP6_ADDR_PREFERRED);
    netif_ip6_addr_set_state(&netif, 0, IP6_ADDR_PREFERRED);
    netif_set_ip6_autoconfig_enabled(&netif, 1);
    netif_set_default(&netif);
    netif_set_up(&netif);
}

static void announce(void)
{
    char text[IPADDR_STRLEN_MAX];
    board.print("address ");
    board.print(ip4addr_ntoa_r(netif_ip4_addr(&netif), text, sizeof text));
    board.print("\n");
    for (int8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
        if (ip6_addr_isvalid(netif_ip6_addr_state(&netif, i))) {
            board.print("address ");
            board.print(ip6addr_ntoa_r(netif_ip6_addr(&netif, i), text, sizeof text));
            board.print("\n");
        }
    }
    board.print("port 80\n");
}

/* ---- what a board calls ---------------------------------------------------------------------- */

void ln_sample_open(const struct ln_sample_config *config)
{
    board = *config;
    lwip_init();
    set_addresses();
    open_worker();
    announce();
}

void ln_sample_receive(const void *frame, uint16_t len)
{
    struct pbuf *buffers = pbuf_alloc(PBUF_RAW, len, PBUF_POOL);
    if (buffers == NULL) {
        return; /* dropped; it comes again */
    }
    pbuf_take(buffers, frame, len);
    if (netif.input(buffers, &netif) != ERR_OK) {
        pbuf_free(buffers);
    }
}

void ln_sample_turn(void)
{
    sys_check_timeouts();
    ln_lwip_driver_turn(&driver);
}
