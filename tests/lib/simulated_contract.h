/* What the simulated driver checks behind every call, and the taking and releasing of loans. */
#ifndef LN_TESTS_LIB_SIMULATED_CONTRACT_H
#define LN_TESTS_LIB_SIMULATED_CONTRACT_H

#include "tests/lib/simulated_driver.h"

/* Ends the test program, saying what does not hold. */
_Noreturn void simulated_fail(const char *what);

static inline void simulated_must(bool good, const char *what)
{
    if (!good) {
        simulated_fail(what);
    }
}

struct simulated_peer *simulated_contract_peer(const struct simulated_driver *driver,
                                               uint32_t connection);

/* Behind every call: the state of every open connection. */
void simulated_contract_check(struct simulated_driver *driver);
/* Behind a tick: nothing is overdue. */
void simulated_contract_deadlines_met(const struct simulated_driver *driver);
/* At the end: every pool is full, every source is free. */
void simulated_contract_nothing_lost(const struct simulated_driver *driver);

/* Takes what the peer's window and the driver's way allow of the output. */
void simulated_contract_take(struct simulated_driver *driver, struct simulated_peer *peer);
/* Releases the oldest `len` bytes lent, which must be as they were. */
void simulated_contract_release(struct simulated_driver *driver, struct simulated_peer *peer,
                                uint64_t len);

/* simulated_read.c: read_file of this driver. */
ptrdiff_t simulated_read_file(void *owner, uint32_t read, struct linnet_source *source,
                              uint64_t offset, struct linnet_room room);
/* Behind every call: the rooms and sources of reads that are under way. */
void simulated_read_check(const struct simulated_driver *driver);

#endif
