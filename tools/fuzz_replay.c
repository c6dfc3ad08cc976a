// Replays a fuzz target's seeds without libFuzzer: every regular file of the folders named on the
// command line, once, whole. A missing folder has no seeds and is not a fault; the empty input is
// always tried.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { path_size = 4096, seed_size_max = 1 << 20 };

static int replay_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "fuzz replay: cannot read %s\n", path);
        return -1;
    }
    // The exact size on the heap: a read past the end is a read the sanitizer sees.
    size_t size = (size_t)status.st_size;
    if (size > seed_size_max) {
        size = seed_size_max;
    }
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (data == NULL) {
        (void)fclose(file);
        return -1;
    }
    size = fread(data, 1, size, file);
    (void)fclose(file);
    (void)fprintf(stderr, "%s (%zu bytes)\n", path, size);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    static const uint8_t nothing[1];
    (void)LLVMFuzzerTestOneInput(nothing, 0);

    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            continue;
        }
        for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
            char path[path_size];
            int len = snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (len < 0 || len >= path_size) {
                (void)fprintf(stderr, "fuzz replay: name too long in %s\n", argv[i]);
                return 1;
            }
            int done = replay_file(path);
            if (done < 0) {
                return 1;
            }
            count += done;
        }
        (void)closedir(folder);
    }
    (void)printf("replayed %d seeds\n", count);
    return 0;
}
