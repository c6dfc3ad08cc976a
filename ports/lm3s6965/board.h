/* The board LM3S6965: its clock, console and Ethernet controller. */
#ifndef LN_LM3S6965_BOARD_H
#define LN_LM3S6965_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void ln_board_open(void);
/* Milliseconds since then. */
uint64_t ln_board_now_ms(void);
void ln_board_print(const char *text);

enum { LN_BOARD_FRAME_LEN_MAX = 1514 };

/* Reads the next frame into the room of LN_BOARD_FRAME_LEN_MAX bytes; its length, or 0: there is
 * none. */
uint16_t ln_board_receive(void *frame);
/* Sends a frame: words, of which the first `len` bytes count, with two bytes left before them. */
void ln_board_send(const uint8_t *frame, uint16_t len);

/* Sleeps until a frame has come or the clock ticks. */
void ln_board_wait(void);

/* Interrupts. */
void ln_board_ticked(void);
void ln_board_received(void);

#endif
