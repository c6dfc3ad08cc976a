/* The sample as the firmware of an LM3S6965. */
#include "ports/lm3s6965/board.h"
#include "ports/lm3s6965/registers.h"
#include "ports/lwip/lwip_random.h"
#include "ports/sample/sample.h"

enum { FRAMES_PER_TURN = 8 };

static uint8_t frame[LN_BOARD_FRAME_LEN_MAX];

uint32_t sys_now(void)
{
    return (uint32_t)ln_board_now_ms();
}

static struct linnet_time now(void)
{
    return (struct linnet_time){.monotonic_ms = ln_board_now_ms(), .unix_s = LINNET_NO_WALL_CLOCK};
}

static err_t send_frame(struct netif *netif, struct pbuf *bytes)
{
    (void)netif;
    const uint16_t len = pbuf_copy_partial(bytes, frame, sizeof frame, 0);
    ln_board_send(frame, len);
    return ERR_OK;
}

int main(void)
{
    const struct ln_sample_config config = {
        .send = send_frame, .now = now, .print = ln_board_print};
    ln_board_open();
    ln_sample_open(&config);
    for (;;) {
        uint16_t len;
        for (int i = 0; i < FRAMES_PER_TURN && (len = ln_board_receive(frame)) > 0; i++) {
            ln_lwip_random_stir(LN_SYSTICK_VALUE);
            ln_sample_receive(frame, len);
        }
        ln_sample_turn();
        ln_board_wait();
    }
}
