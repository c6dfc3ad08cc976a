# Linnet, by name of what you want. CMake does the work; this file only says which preset.
#
#   make                     build the program; it is build/linnet
#   make run                 build it and serve examples/site       (ARGS= more options)
#   make test                install what the tests need, build, run every test
#   make test-mcu            of these, core on emulated processors and the server on an emulated board
#                            (CONNECTIONS=2000 in a row; 20000 takes longer)
#   make size-mcu            flash and RAM of the board's firmware by part: docs/size-mcu.md
#   make tidy                the rules of the tree: layout, layers, names, static analysis
#   make format              lay out every C file
#   make coverage            line coverage of core/ by the tests; under 95 % fails
#   make fuzz TIME=60        run every fuzz target for TIME seconds
#   make soak                a million requests, of clients that break off; nothing may be lost
#                            (REQUESTS=1000000 ABORT=10 SEED=1; ABORT is of a hundred clients)
#   make uploads             a hundred uploads of 100 MiB at one time, chunked: memory stays at its budget
#                            (UPLOADS=100 MIB=100)
#   make slow                slowhttptest's four ways of being slow, TIME=30 seconds each; an honest
#                            client beside it must see nothing of it
#   make ci                  all of the above in short form, under 25 minutes
#   make ci-full             the same with longer fuzzing, coverage and a fresh machine
#   make bench               speed and memory beside a floor, nginx, lighttpd and h2o, 6 minutes
#                            (ROUNDS=5 SECONDS=0.5 BENCH="static-1k idle"; docs/benchmarks.md)
#   make bench-drivers       every way to wait beside the others, under 6 minutes
#                            (ROUNDS=5 SECONDS=0.5 DRIVERS="epoll poll"; docs/waiting.md)
#   make package             Debian packages: build/package/packages; lintian reads them
#   make amalgam             Linnet as two files, build/amalgam/linnet.h and linnet.c
#                            (DRIVER=poll, epoll or blocking)
#   make reference           the API reference: build/reference/html/index.html
#   make size                how large the smallest Linnet is; writes docs/size.md
#   make install             PREFIX=/usr/local DESTDIR=
#   make clean               remove build/

PREFIX  ?= /usr/local
DESTDIR ?=
TIME    ?= 60
ARGS    ?=
JOBS    ?= 4
ROUNDS  ?= 5
SECONDS ?= 0.5
BENCH   ?=
DRIVERS ?=
REQUESTS ?= 1000000
ABORT   ?= 10
SEED    ?= 1
UPLOADS ?= 100
MIB     ?= 100
DRIVER  ?= poll
CONNECTIONS ?= 2000

# C tests, without the program: what the instrumented builds run.
C_TESTS = --label-regex '^(unit|limit|wire|regress|sim|conform|fuzz)$$'

CTEST = ctest --no-label-summary --output-on-failure -j$(JOBS)

MAKEFLAGS += --no-print-directory

PYTHON = /usr/bin/python3

.PHONY: all program run test tidy format coverage fuzz bench bench-drivers soak uploads slow ci \
	ci-full package amalgam reference size test-mcu size-mcu install clean

all: program

# The link is relative, so the build folder can be read from anywhere.
program: build/release/build.ninja
	@tools/setup run
	@cmake --build --preset release
	@ln -sfn release/linnet build/linnet

run: program
	@exec build/linnet examples/site $(ARGS)

test:
	@tools/setup test
	@tools/setup-mcu
	@$(MAKE) build/debug/build.ninja
	@cmake --build --preset debug
	@$(CTEST) --test-dir build/debug

# A build folder is configured once; ninja repeats that by itself when a CMake file or a list of
# sources changes.
build/%/build.ninja: CMakePresets.json
	@tools/setup $(if $(filter release,$*),run,test)
	@cmake --preset $* --log-level=WARNING >/dev/null
	@touch $@

test-mcu:
	@tools/setup test
	@tools/setup-mcu
	@$(MAKE) build/debug/build.ninja
	@LINNET_MCU_REQUESTS=$(CONNECTIONS) $(CTEST) --test-dir build/debug -L '^mcu$$'

size-mcu:
	@tools/setup-mcu
	@cmake -S ports -B build/board -G Ninja --toolchain $(CURDIR)/cmake/cortex_m3.cmake \
		--log-level=WARNING --no-warn-unused-cli
	@cmake --build build/board >/dev/null
	@$(PYTHON) tools/size-mcu --write build/board/lm3s6965.map

tidy:
	@tools/setup test
	$(PYTHON) tools/tidy
	$(PYTHON) tools/rfc-marks --check
	tools/format --check
	@$(MAKE) build/clang/build.ninja
	@cmake --build --preset clang
	tools/analyse build/clang

format:
	@tools/setup test
	@tools/format

coverage: build/coverage/build.ninja
	@cmake --build --preset coverage
	@tools/coverage build/coverage

fuzz: build/fuzz/build.ninja
	@cmake --build --preset fuzz
	@tools/fuzz build/fuzz $(TIME)

bench: program
	@tools/setup bench
	@cmake --build --preset release --target bench_programs
	@$(PYTHON) bench/run.py --rounds $(ROUNDS) --seconds $(SECONDS) --only '$(BENCH)'

bench-drivers: program
	@tools/setup bench
	@cmake --build --preset release --target bench_programs
	@$(PYTHON) bench/waiting.py --rounds $(ROUNDS) --seconds $(SECONDS) --drivers '$(DRIVERS)'

# The released program, and the clients of the debug build.
soak: program
	@tools/setup test
	@$(MAKE) build/debug/build.ninja
	@cmake --build --preset debug --target soak_clients
	@LINNET_SOAK_REQUESTS=$(REQUESTS) LINNET_SOAK_ABORT=$(ABORT) LINNET_SOAK_SEED=$(SEED) \
		LINNET_PROGRAM=build/release/linnet LINNET_BUILD_DIR=build/debug \
		$(PYTHON) -m pytest -q -s -p no:cacheprovider tests/system/test_soak.py

# By the example, built as a stranger would.
uploads: program
	@tools/setup test
	@cmake --install build/release --prefix build/uploads/installed >/dev/null
	@cmake -S examples -B build/uploads -G Ninja -DCMAKE_BUILD_TYPE=Release \
		-DCMAKE_PREFIX_PATH='$(CURDIR)/build/uploads/installed' >/dev/null
	@cmake --build build/uploads --target upload
	@tests/soak/uploads.py build/uploads/upload --uploads $(UPLOADS) --mib $(MIB)

slow: TIME = 30
slow: program
	@tools/setup test
	@LINNET_SLOW_S=$(TIME) LINNET_PROGRAM=build/release/linnet \
		$(PYTHON) -m pytest -q -s -p no:cacheprovider tests/system/test_slow.py

# The order is from quick to slow; `make test` comes last, so that its closing line ends the output.
ci:
	@tools/setup test
	$(MAKE) tidy
	$(MAKE) program
	$(PYTHON) tools/purity build/release/liblinnet_core.a
	$(PYTHON) tools/faults-absent build/release/linnet
	$(MAKE) build/sanitize/build.ninja build/hostile/build.ninja
	cmake --build --preset sanitize
	$(CTEST) --test-dir build/sanitize --label-exclude '^(house|browser)$$'
	$(MAKE) build/tsan/build.ninja
	cmake --build --preset tsan --target linnet_program
	$(CTEST) --test-dir build/tsan -R '^system\.threads$$'
	cmake --build --preset hostile
	$(CTEST) --test-dir build/hostile $(C_TESTS)
	$(MAKE) fuzz TIME=10
	$(MAKE) test

ci-full:
	@tools/setup dev
	$(MAKE) coverage
	$(MAKE) fuzz TIME=600
	$(MAKE) soak
	$(MAKE) slow
	tools/try-fresh
	$(MAKE) ci

package:
	@tools/setup test
	@tools/package

amalgam:
	@$(PYTHON) tools/amalgam --driver $(DRIVER) build/amalgam

reference:
	@tools/setup test
	@tools/reference

size:
	@tools/setup run
	@tools/size

install: program
	cmake --install build/release --prefix '$(PREFIX)'

clean:
	rm -rf build
