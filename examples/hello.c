/* Says hello to whoever asks, on http://127.0.0.1:8080/ or where its argument says. */
#include <linnet/linnet.h>

static void hello(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                  struct linnet_span data)
{
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("Hello, world\n"));
    }
}

int main(int argc, char **argv)
{
    static const struct linnet_route route = {
        .kind = LINNET_ROUTE_DEFAULT, .methods = 1U << LINNET_METHOD_GET, .handler = hello};
    return (int)linnet_serve(argc > 1 ? argv[1] : "127.0.0.1:8080", &route, 1);
}
