/* Calls of the system that can be made to fail: in builds with LINNET_FAULTS, and in no other.
 *
 * A call is written LN_SYSTEM_CALL(RECV, recv(...)): its row of system_call.h and the call itself.
 * In a build without faults that is the call and nothing else. In a build with them it first asks
 * whether its turn has come to fail; then errno is set and the call is not made.
 *
 *     LINNET_FAULTS="recv:ECONNRESET:every=7:until=70,accept4:EMFILE:nth=3,openat2:EIO"
 *
 * Behind the name of a call and of a fault, in any order: nth=N, the Nth call of it alone; every=N,
 * each Nth; after=N, none of the first N, and N counts from there; until=N, none behind the Nth.
 * Without nth and every it is each one. The word "trace" in place of a fault names each call when
 * it is first made. Whatever fails is told on standard error, a line for each, for a test to know.
 *
 * A driver that submits calls instead of making them asks LN_SYSTEM_SUBMIT before each of them. */
#ifndef LN_DRIVERS_SYSTEM_SYSTEM_FAULT_H
#define LN_DRIVERS_SYSTEM_SYSTEM_FAULT_H

#include "drivers/system/system_call.h"

#ifdef LINNET_FAULTS

#    include <stdbool.h>
#    include <stddef.h>

/* Reads the plan out of the environment; NULL, or what is wrong with it. Before anything else. */
const char *ln_system_fault_boot(void);

/* Takes a plan in place of the one there is, and counts anew; NULL, or what is wrong with it. */
const char *ln_system_fault_plan(const char *text);

/* Counts a call. true: it fails, errno says how, and ln_system_fault_result is what it returns. */
bool ln_system_fault(enum ln_system_call call);
int ln_system_fault_result(void);

/* As many of these as the call may move, which was counted just before. */
size_t ln_system_fault_len(enum ln_system_call call, size_t len);

/* Counts a call that has been made already and returned `result`; what it is to have returned. */
int ln_system_fault_behind(enum ln_system_call call, int result);

/* Counts a submission; 0, or the result (-errno) it is to complete with in place of being made. */
int ln_system_fault_submit(enum ln_system_call call);

#    define LN_SYSTEM_CALL(id, call) \
        (ln_system_fault(LN_SYSTEM_CALL_##id) ? ln_system_fault_result() : (call))
#    define LN_SYSTEM_LEN(id, len)   ln_system_fault_len(LN_SYSTEM_CALL_##id, len)
#    define LN_SYSTEM_MADE(id, call) ln_system_fault_behind(LN_SYSTEM_CALL_##id, call)
#    define LN_SYSTEM_SUBMIT(id)     ln_system_fault_submit(LN_SYSTEM_CALL_##id)

#else

#    define ln_system_fault_boot() NULL

#    define LN_SYSTEM_CALL(id, call) (call)
#    define LN_SYSTEM_LEN(id, len)   (len)
/* A close that fails has closed all the same: it fails behind the call. */
#    define LN_SYSTEM_MADE(id, call) (call)
#    define LN_SYSTEM_SUBMIT(id)     0

#endif

#endif
