# The flags of every target. Assertions stay on in every build: NDEBUG is never defined, and means
# nothing here if somebody else defines it. Inside another project its flags for Debug and Release
# count, and nothing here reaches what is not Linnet's.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Position independence puts the const tables of pointers into .data.rel.ro, which purity allows. Who
# wants none says so; a shared library or a program that is loaded anywhere cannot be made of it.
if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
elseif(LINNET_SMALL AND NOT CMAKE_POSITION_INDEPENDENT_CODE)
    add_compile_options(-fno-pie) # some compilers do it unasked
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

if(PROJECT_IS_TOP_LEVEL)
    if(NOT CMAKE_BUILD_TYPE)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
    endif()
    # -O1 in debug builds: without it the compiler does not follow the flow that its warnings need.
    set(CMAKE_C_FLAGS_DEBUG "-O1 -g3 -fno-omit-frame-pointer")
    set(CMAKE_C_FLAGS_RELEASE "-O3 -g")
    set(CMAKE_C_FLAGS_MINSIZEREL "-Os -g")
endif()
# gcc packs neighbouring small stores into one by shifting, which costs more than it saves here.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    string(APPEND CMAKE_C_FLAGS_RELEASE " -fno-tree-slp-vectorize")
endif()

add_compile_options(
    -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wvla -Wformat=2 -Wundef -fstack-protector-strong)
if(LINNET_WERROR)
    add_compile_options(-Werror)
endif()

# What is public in the shared library is called directly inside it, as it is in the archive.
add_compile_options(-fno-semantic-interposition)

# Assertions name files as the tree does, wherever the tree lies. A release does so in all it says;
# the other builds keep the true paths in their symbols, for debuggers.
add_compile_options("-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
endif()

# A release is optimised as a whole: a request crosses many files. The objects also hold plain code,
# for whoever links the archives without this.
if(CMAKE_BUILD_TYPE MATCHES "Release|MinSizeRel" AND CMAKE_C_COMPILER_ID STREQUAL "GNU"
   AND PROJECT_IS_TOP_LEVEL)
    add_compile_options(-flto=auto -ffat-lto-objects)
    add_link_options(-flto=auto)
endif()

# Fortify needs optimisation, and the sanitizers watch the same functions better without it.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT LINNET_SANITIZE AND PROJECT_IS_TOP_LEVEL)
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

if(LINNET_SANITIZE)
    add_compile_options(-fsanitize=${LINNET_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${LINNET_SANITIZE})
    # A shared runtime insists on being loaded first; the libraries that tests preload come before.
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        add_link_options(-static-libasan)
    endif()
endif()
if(LINNET_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "The fuzz targets need clang; use: cmake --preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(LINNET_HOSTILE)
    add_compile_definitions(LINNET_HOSTILE=1)
endif()

# ---- what is chosen at build: docs/api/abi.md ---------------------------------------------------

if(LINNET_SMALL)
    add_compile_definitions(LINNET_SMALL=1)
    # What a program does not use is left out of it, and what only debuggers or attackers see.
    add_compile_options(-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
        -fno-stack-protector)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i.86")
        add_compile_options(-fcf-protection=none)
    endif()
endif()
if(LINNET_TRAP)
    add_compile_definitions(LINNET_TRAP=1)
endif()
foreach(maximum LINNET_ONLY_DRIVER LINNET_LISTENERS_MAX LINNET_WHEEL_BUCKETS)
    if(${maximum})
        add_compile_definitions(${maximum}=${${maximum}})
    endif()
endforeach()
foreach(row IN LISTS LINNET_DEFAULTS)
    string(REPLACE "=" "=~," row "${row}")
    add_compile_definitions("LINNET_DEFAULT_${row}")
endforeach()
