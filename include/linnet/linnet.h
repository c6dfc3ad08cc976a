/* Linnet, the whole of it: every public header but <linnet/test.h>, which is for tests. */
#ifndef LINNET_LINNET_H
#define LINNET_LINNET_H

#include <linnet/assert.h>
#include <linnet/authorization.h>
#include <linnet/channel.h>
#include <linnet/cookie.h>
#include <linnet/cpu.h>
#include <linnet/declarations.h>
#include <linnet/driver.h>
#include <linnet/error.h>
#include <linnet/event_stream.h>
#include <linnet/exchange.h>
#include <linnet/files.h>
#include <linnet/form.h>
#include <linnet/gather.h>
#include <linnet/hooks.h>
#include <linnet/limits.h>
#include <linnet/method.h>
#include <linnet/multipart.h>
#include <linnet/rate.h>
#include <linnet/resume.h>
#include <linnet/route.h>
#include <linnet/server.h>
#include <linnet/source.h>
#include <linnet/span.h>
#include <linnet/status.h>
#include <linnet/stream.h>
#include <linnet/text.h>
#include <linnet/time.h>
#include <linnet/worker.h>
#include <linnet/worker_config.h>

#endif
