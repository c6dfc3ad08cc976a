/* The files of a folder for a program of one's own: memory and folder of what server/files.c
 * answers with. */
#include <linnet/files.h>

#include "core/base/span.h"
#include "drivers/system/system_file.h"
#include "server/files.h"
#include "server/library/block.h"

static bool prefix_is_sound(struct linnet_span prefix)
{
    return prefix.len == 0 || (prefix.data[0] == '/' && prefix.data[prefix.len - 1] != '/');
}

/* false: they do not hold. */
static bool take_limits(const struct linnet_files_config *config, struct linnet_limits *limits)
{
    if (config->limits == NULL) {
        linnet_limits_default(limits);
    } else {
        *limits = *config->limits;
    }
    return linnet_limits_check(limits) == NULL;
}

size_t linnet_files_memory_len(const struct linnet_files_config *config)
{
    struct linnet_limits limits;
    return take_limits(config, &limits) ? ln_block_len(ln_files_memory_len(&limits)) : 0;
}

enum linnet_error linnet_files_open(struct linnet_files *files,
                                    const struct linnet_files_config *config, void *block,
                                    size_t block_len)
{
    struct linnet_limits limits;
    struct ln_block taken;
    if (!take_limits(config, &limits) || !prefix_is_sound(config->prefix)) {
        return LINNET_ERROR_INVALID;
    }
    *files = (struct linnet_files){.folder = -1};
    enum linnet_error error = ln_system_open_root(config->folder, &files->folder);
    if (error != LINNET_ERROR_NONE) {
        return error;
    }
    error = ln_block_take(&taken, block, block_len, ln_files_memory_len(&limits));
    if (error != LINNET_ERROR_NONE) {
        ln_system_close_file(files->folder);
        return error;
    }
    struct ln_files *opened = ln_files_init(taken.memory, &limits, files->folder);
    ln_files_set_prefix(opened, config->prefix);
    if (config->read_ahead) {
        ln_files_read_ahead(opened, limits.read_len > 0);
    }
    files->prefix = config->prefix;
    files->opened = opened;
    files->mapped = taken.mapped;
    files->mapped_len = taken.mapped_len;
    return LINNET_ERROR_NONE;
}

void linnet_files_close(struct linnet_files *files)
{
    const struct ln_block block = {.mapped = files->mapped, .mapped_len = files->mapped_len};
    ln_files_close(files->opened);
    ln_system_close_file(files->folder);
    ln_block_give(&block);
    *files = (struct linnet_files){.folder = -1};
}

void linnet_files_handle(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                         struct linnet_span data)
{
    const struct linnet_files *files = context;
    LN_ASSERT(files->opened != NULL);
    if (ln_span_starts_with(linnet_exchange_request(exchange)->path, files->prefix)) {
        ln_files_handle(files->opened, exchange, event, data);
    } else if (event == LINNET_EVENT_FINAL) {
        /* The route has another prefix. */
        const enum linnet_error error = linnet_reply_status(exchange, LINNET_STATUS_NOT_FOUND);
        LN_ASSERT(error == LINNET_ERROR_NONE);
    }
}
