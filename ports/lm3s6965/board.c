/* The board's clock, console and Ethernet controller. */
#include "ports/lm3s6965/board.h"

#include <string.h>

#include "ports/lm3s6965/registers.h"

enum {
    CLOCK_HZ = 50000000,
    TICK_MS = 10,
    RCC_BYPASS = 1 << 11,
    RCC_POWER_DOWN = 1 << 13,
    RCC_USE_DIVISOR = 1 << 22,
    RCC_DIVISOR_4 = 3 << 23, /* 200 MHz / 4 */
    RCC_CRYSTAL_8_MHZ = 0xE << 6,
    RIS_PLL_LOCKED = 1 << 6,
    UART_FULL = 1 << 5,
    MAC_RECEIVED = 1 << 0,
    MAC_NEW_TRANSMISSION = 1 << 0,
    RECEIVE_ENABLE = 1 << 0,
    RECEIVE_MULTICAST = 1 << 1,
    RECEIVE_REJECT_BAD = 1 << 3,
    TRANSMIT_ENABLE = 1 << 0,
    TRANSMIT_PAD = 1 << 1,
    TRANSMIT_CRC = 1 << 2,
    TRANSMIT_DUPLEX = 1 << 4,
    ETHERNET_HEAD_LEN = 14,
    RECEIVE_EXTRA_LEN = 6, /* the length before a frame, and its checksum behind */
};

static volatile uint32_t ticks;

static void open_clock(void)
{
    /* On the crystal while the PLL starts, then on the PLL. */
    LN_SYSTEM_RCC = RCC_BYPASS | RCC_POWER_DOWN | RCC_CRYSTAL_8_MHZ | RCC_DIVISOR_4;
    LN_SYSTEM_RCC = RCC_BYPASS | RCC_CRYSTAL_8_MHZ | RCC_DIVISOR_4 | RCC_USE_DIVISOR;
    while ((LN_SYSTEM_RIS & RIS_PLL_LOCKED) == 0) {
    }
    LN_SYSTEM_RCC = RCC_CRYSTAL_8_MHZ | RCC_DIVISOR_4 | RCC_USE_DIVISOR;
    LN_SYSTICK_CONTROL = 4; /* the processor's clock */
    LN_SYSTICK_RELOAD = CLOCK_HZ / 1000 * TICK_MS - 1;
    LN_SYSTICK_VALUE = 0;
    LN_SYSTICK_CONTROL = 7; /* and an interrupt, and on */
}

static void open_console(void)
{
    LN_SYSTEM_RCGC1 |= 1; /* UART 0 */
    LN_SYSTEM_RCGC2 |= 1; /* its pins: port A */
    LN_GPIO_A_AFSEL |= 3;
    LN_GPIO_A_DEN |= 3;
    LN_UART_IBRD = 27; /* 50 MHz / 16 / 115200 = 27 + 8/64 */
    LN_UART_FBRD = 8;
    LN_UART_LCRH = 0x70; /* 8 bits, no parity, FIFO */
    LN_UART_CONTROL = 0x301;
}

static void open_ethernet(void)
{
    LN_SYSTEM_RCGC2 |= UINT32_C(5) << 28; /* MAC and PHY */
    LN_MAC_INTERRUPT_MASK = 0;
    LN_MAC_ADDRESS_0 = 0x00000002; /* 02:00:00:00:00:02, the sample's */
    LN_MAC_ADDRESS_1 = 0x0200;
    LN_MAC_TRANSMIT_CONTROL = TRANSMIT_ENABLE | TRANSMIT_PAD | TRANSMIT_CRC | TRANSMIT_DUPLEX;
    LN_MAC_RECEIVE_CONTROL = RECEIVE_ENABLE | RECEIVE_MULTICAST | RECEIVE_REJECT_BAD;
    LN_NVIC_ENABLE_1 = 1 << (42 - 32);
}

void ln_board_open(void)
{
    open_clock();
    open_console();
    open_ethernet();
}

uint64_t ln_board_now_ms(void)
{
    return (uint64_t)ticks * TICK_MS;
}

void ln_board_print(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((LN_UART_FLAGS & UART_FULL) != 0) {
        }
        LN_UART_DATA = (uint8_t)*text;
    }
}

/* The controller puts two bytes of length before a frame, so that what follows its head of 14 bytes
 * begins at a whole word. */
uint16_t ln_board_receive(void *frame)
{
    uint8_t *to = frame;
    if ((LN_MAC_PACKETS & 0x3F) == 0) {
        return 0;
    }
    const uint32_t first = LN_MAC_DATA;
    const uint16_t all = (uint16_t)first;
    const uint16_t len = (uint16_t)(all > RECEIVE_EXTRA_LEN ? all - RECEIVE_EXTRA_LEN : 0);
    uint16_t at = 2;
    to[0] = (uint8_t)(first >> 16);
    to[1] = (uint8_t)(first >> 24);
    for (uint16_t read = 4; read < all; read += 4) {
        const uint32_t word = LN_MAC_DATA;
        const uint16_t left =
            (uint16_t)(at < LN_BOARD_FRAME_LEN_MAX ? LN_BOARD_FRAME_LEN_MAX - at : 0);
        memcpy(to + at, &word, left < 4 ? left : 4);
        at = (uint16_t)(at + (left < 4 ? left : 4));
    }
    return len <= LN_BOARD_FRAME_LEN_MAX ? len : 0;
}

void ln_board_send(const uint8_t *frame, uint16_t len)
{
    uint32_t word = (uint32_t)(len > ETHERNET_HEAD_LEN ? len - ETHERNET_HEAD_LEN : 0);
    while ((LN_MAC_TRANSMIT_REQUEST & MAC_NEW_TRANSMISSION) != 0) {
    }
    word |= (uint32_t)frame[0] << 16 | (uint32_t)frame[1] << 24;
    LN_MAC_DATA = word;
    for (uint16_t at = 2; at < len; at = (uint16_t)(at + 4)) {
        word = 0;
        memcpy(&word, frame + at, len - at < 4 ? (size_t)(len - at) : 4);
        LN_MAC_DATA = word;
    }
    LN_MAC_TRANSMIT_REQUEST = MAC_NEW_TRANSMISSION;
}

/* With interrupts off a pending one still ends the sleep, and none is missed before it. */
void ln_board_wait(void)
{
    __asm volatile("cpsid i" ::: "memory");
    LN_MAC_INTERRUPT_MASK = MAC_RECEIVED;
    if ((LN_MAC_PACKETS & 0x3F) == 0) {
        __asm volatile("wfi" ::: "memory");
    }
    __asm volatile("cpsie i" ::: "memory");
}

void ln_board_ticked(void)
{
    ticks++;
}

/* The main loop reads the frames, and asks for the next interrupt before it sleeps. */
void ln_board_received(void)
{
    LN_MAC_INTERRUPT_MASK = 0;
    LN_MAC_STATUS = MAC_RECEIVED;
}
