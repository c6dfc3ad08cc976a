// A C++ caller: two servers in one process, in a thread each, with a handler that is a method.
//
//     two_servers [ADDRESS]
//
// Prints what a client of each receives, and how many requests each has counted. An ADDRESS that
// nobody can listen on shows the words of errors.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

#include <linnet/linnet.h>

namespace {

linnet_span span_of(const std::string &text)
{
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

void must(linnet_error error, const std::string &message = "")
{
    if (error != LINNET_ERROR_NONE) {
        throw std::runtime_error(std::string(linnet_error_text(error)) + ": " + message);
    }
}

class Greeter {
public:
    explicit Greeter(std::string text) : text_(std::move(text))
    {
        route_.kind = LINNET_ROUTE_PATTERN;
        route_.path = LINNET_SPAN("/greet/{name}");
        route_.methods = LINNET_METHOD_BIT(LINNET_METHOD_GET);
        route_.handler = handle;
        route_.context = this;
        linnet_server_config config{};
        config.routes = &route_;
        config.route_count = 1;
        config.message = message_.data();
        config.message_len = message_.size();
        const linnet_error error = linnet_server_open(&config, nullptr, 0, &server_);
        must(error, message_.data()); // which are written by then
    }

    ~Greeter() { linnet_server_close(server_); }
    Greeter(const Greeter &) = delete;
    Greeter &operator=(const Greeter &) = delete;

    uint16_t listen(const char *where)
    {
        linnet_address address{};
        const linnet_error error = linnet_server_listen(server_, where, &address);
        must(error, message_.data());
        return address.port;
    }

    void run() { must(linnet_server_run(server_)); }
    void stop() { linnet_server_stop(server_); }

    uint64_t counted(const std::string &name) const
    {
        linnet_counter counter{};
        for (size_t i = 0; linnet_server_counter(server_, i, &counter); i++) {
            if (name == counter.name) {
                return counter.value;
            }
        }
        throw std::out_of_range(name);
    }

private:
    static void handle(void *context, linnet_exchange *exchange, linnet_event event, linnet_span)
    {
        if (event == LINNET_EVENT_FINAL) {
            static_cast<Greeter *>(context)->greet(exchange);
        }
    }

    void greet(linnet_exchange *exchange)
    {
        std::array<uint8_t, 256> bytes{};
        linnet_text text = linnet_text_over({bytes.data(), bytes.size()});
        linnet_span name{};
        struct linnet_reply reply{}; // linnet_reply alone is the function
        (void)linnet_exchange_parameter(exchange, LINNET_SPAN("name"), &name);
        linnet_text_put(&text, span_of(text_));
        linnet_text_put(&text, name);
        reply.status = LINNET_STATUS_OK;
        reply.media_type = LINNET_SPAN("text/plain; charset=utf-8");
        reply.body = LINNET_BODY_COPY;
        must(linnet_text_finish(&text, &reply.bytes));
        must(linnet_reply(exchange, &reply));
    }

    std::string text_;
    std::array<char, 256> message_{};
    linnet_route route_{};
    linnet_server *server_ = nullptr;
};

/* All that a client of that port receives. */
std::string ask(uint16_t port, const std::string &path)
{
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    std::string answer;
    std::array<char, 512> piece{};
    ssize_t len = -1;
    if (connect(client, reinterpret_cast<sockaddr *>(&where), sizeof where) == 0 &&
        send(client, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size())) {
        while ((len = recv(client, piece.data(), piece.size(), 0)) > 0) {
            answer.append(piece.data(), static_cast<size_t>(len));
        }
    }
    close(client);
    return len == 0 ? answer : "";
}

} // namespace

int main(int argc, char **argv)
{
    try {
        Greeter english("Hello, ");
        Greeter french("Bonjour, ");
        const uint16_t english_port = english.listen(argc > 1 ? argv[1] : "127.0.0.1:0");
        const uint16_t french_port = french.listen("127.0.0.1:0");
        std::thread first([&] { english.run(); });
        std::thread second([&] { french.run(); });
        std::string said;
        for (unsigned i = 0; i < 100; i++) {
            said = ask(english_port, "/greet/you") + "\n" + ask(french_port, "/greet/toi");
        }
        (void)ask(french_port, "/");
        english.stop();
        french.stop();
        first.join();
        second.join();
        std::printf("%s\n%llu and %llu requests\n", said.c_str(),
                    static_cast<unsigned long long>(english.counted("requests")),
                    static_cast<unsigned long long>(french.counted("requests")));
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
