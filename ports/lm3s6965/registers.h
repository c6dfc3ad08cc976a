/* The registers of the Stellaris LM3S6965 that the board's code uses, by the names of its data
 * sheet. */
#ifndef LN_LM3S6965_REGISTERS_H
#define LN_LM3S6965_REGISTERS_H

#include <stdint.h>

#define LN_REGISTER(address) (*(volatile uint32_t *)(address))

/* The core: SysTick, interrupts, reset. */
#define LN_SYSTICK_CONTROL LN_REGISTER(0xE000E010)
#define LN_SYSTICK_RELOAD  LN_REGISTER(0xE000E014)
#define LN_SYSTICK_VALUE   LN_REGISTER(0xE000E018)
#define LN_NVIC_ENABLE_1   LN_REGISTER(0xE000E104) /* interrupts 32 to 63 */
#define LN_RESET_CONTROL   LN_REGISTER(0xE000ED0C) /* AIRCR */

/* System control: clocks. */
#define LN_SYSTEM_RIS   LN_REGISTER(0x400FE050)
#define LN_SYSTEM_RCC   LN_REGISTER(0x400FE060)
#define LN_SYSTEM_RCGC1 LN_REGISTER(0x400FE104)
#define LN_SYSTEM_RCGC2 LN_REGISTER(0x400FE108)

/* UART 0 and its pins. */
#define LN_GPIO_A_AFSEL LN_REGISTER(0x40004420)
#define LN_GPIO_A_DEN   LN_REGISTER(0x4000451C)
#define LN_UART_DATA    LN_REGISTER(0x4000C000)
#define LN_UART_FLAGS   LN_REGISTER(0x4000C018)
#define LN_UART_IBRD    LN_REGISTER(0x4000C024)
#define LN_UART_FBRD    LN_REGISTER(0x4000C028)
#define LN_UART_LCRH    LN_REGISTER(0x4000C02C)
#define LN_UART_CONTROL LN_REGISTER(0x4000C030)

/* The Ethernet controller. */
#define LN_MAC_STATUS           LN_REGISTER(0x40048000) /* writing ones acknowledges */
#define LN_MAC_INTERRUPT_MASK   LN_REGISTER(0x40048004)
#define LN_MAC_RECEIVE_CONTROL  LN_REGISTER(0x40048008)
#define LN_MAC_TRANSMIT_CONTROL LN_REGISTER(0x4004800C)
#define LN_MAC_DATA             LN_REGISTER(0x40048010)
#define LN_MAC_ADDRESS_0        LN_REGISTER(0x40048014)
#define LN_MAC_ADDRESS_1        LN_REGISTER(0x40048018)
#define LN_MAC_PACKETS          LN_REGISTER(0x40048034) /* received and not read */
#define LN_MAC_TRANSMIT_REQUEST LN_REGISTER(0x40048038)

#endif
