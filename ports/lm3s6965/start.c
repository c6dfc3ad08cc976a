/* From reset to main: the vectors, memory, and where a failed assertion ends. */
#include <stdint.h>
#include <string.h>

#include <linnet/assert.h>

#include "ports/lm3s6965/board.h"
#include "ports/lm3s6965/registers.h"

enum { VECTOR_COUNT = 16 + 43, VECTOR_SYSTICK = 15, VECTOR_ETHERNET = 16 + 42 };

/* Of the linker script. */
extern uint32_t ln_stack_end[];
extern uint8_t ln_data_source[];
extern uint8_t ln_data_begin[];
extern uint8_t ln_data_end[];
extern uint8_t ln_bss_begin[];
extern uint8_t ln_bss_end[];

int main(void);

static void start(void)
{
    memcpy(ln_data_begin, ln_data_source, (size_t)(ln_data_end - ln_data_begin));
    memset(ln_bss_begin, 0, (size_t)(ln_bss_end - ln_bss_begin));
    (void)main();
    linnet_assert_failed(__FILE__, __LINE__, "main does not return");
}

static void unexpected(void)
{
    linnet_assert_failed(__FILE__, __LINE__, "an interrupt that nobody asked for");
}

static _Noreturn void begin_anew(void)
{
    LN_RESET_CONTROL = 0x05FA0004;
    for (;;) {
    }
}

/* Says where: the seventh word of what the processor has put on the stack. */
__attribute__((used)) static _Noreturn void explain_fault(const uint32_t *stack)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = "00000000\n";
    for (unsigned i = 0; i < 8; i++) {
        text[i] = digits[stack[6] >> (28 - 4 * i) & 15];
    }
    ln_board_print("assertion failed, or a fault, at 0x");
    ln_board_print(text);
    begin_anew();
}

__attribute__((naked)) static void fault(void)
{
    __asm volatile("mrs r0, msp\n\tb explain_fault");
}

union vector {
    void (*handler)(void);
    const uint32_t *stack;
};

__attribute__((section(".vectors"), used)) static const union vector vectors[VECTOR_COUNT] = {
    [0] = {.stack = ln_stack_end},
    [1] = {.handler = start},
    [2 ... 6] = {.handler = fault},
    [7 ... VECTOR_SYSTICK - 1] = {.handler = unexpected},
    [VECTOR_SYSTICK] = {.handler = ln_board_ticked},
    [VECTOR_SYSTICK + 1 ... VECTOR_ETHERNET - 1] = {.handler = unexpected},
    [VECTOR_ETHERNET] = {.handler = ln_board_received},
};

static void print_line_number(int line)
{
    char digits[12];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + line % 10);
        line /= 10;
    } while (line > 0);
    ln_board_print(at);
}

/* Says why, and starts anew. */
_Noreturn void linnet_assert_failed(const char *file, int line, const char *condition)
{
    ln_board_print("assertion failed: ");
    ln_board_print(file);
    ln_board_print(":");
    print_line_number(line);
    ln_board_print(" ");
    ln_board_print(condition);
    ln_board_print("\n");
    begin_anew();
}
