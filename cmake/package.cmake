# Debian packages: `make package`, on the preset of that name. CPack divides what is installed by its
# components: library (liblinnet1), development (liblinnet-dev) and program (linnet).

set(linnet_debian "${PROJECT_SOURCE_DIR}/packaging/debian")
file(STRINGS "${linnet_debian}/changelog" linnet_newest LIMIT_COUNT 1)
string(REGEX MATCH "\\(([^-]+)-([0-9a-z.]+)\\)" linnet_newest "${linnet_newest}")
# The release 0linnet1 is older than any that Debian would give: its own would replace these.
set(CPACK_DEBIAN_PACKAGE_RELEASE "${CMAKE_MATCH_2}")
if(NOT CMAKE_MATCH_1 STREQUAL PROJECT_VERSION)
    message(FATAL_ERROR "packaging/debian/changelog does not begin with ${PROJECT_VERSION}")
endif()
set(CPACK_DEBIAN_PACKAGE_VERSION "${PROJECT_VERSION}")
file(STRINGS "${linnet_debian}/changelog" linnet_maintainer REGEX "^ -- " LIMIT_COUNT 1)
string(REGEX REPLACE "^ -- (.*>)  .*" "\\1" CPACK_DEBIAN_PACKAGE_MAINTAINER "${linnet_maintainer}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME linnet)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_VENDOR "the Linnet authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_COMPONENTS_ALL library development program)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SOURCE linnet)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# The first line is the short description; Debian wants lines under 80 columns.
set(linnet_about "Its memory is one block, reserved when it starts and bounded by limits
with names; afterwards no allocator is called. HTTP/1.1 and HTTP/1.0,
strict by default, by epoll, io_uring, poll or plain blocking calls.")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME "liblinnet${LINNET_ABI}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
    "HTTP server in fixed memory: the shared library
${linnet_about}

This package has the shared library, for programs that were built with it.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME liblinnet-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "HTTP server in fixed memory: headers and static library
${linnet_about}

This package has what programs are built with: headers, static libraries,
descriptions for pkg-config and CMake, the pages on the interface, and
examples.")

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME linnet)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION httpd)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "HTTP server in fixed memory: serves a folder
${linnet_about}

This package has the program linnet, which serves the files of a folder.
It starts nothing by itself; an example of a systemd unit is among its
documents.")

# The control files that CPack does not write itself: what a program that is linked with the library
# depends on, and that the loader's cache is made anew.
set(linnet_control "${PROJECT_BINARY_DIR}/control")
file(WRITE "${linnet_control}/shlibs" "liblinnet ${LINNET_ABI} liblinnet${LINNET_ABI}\n")
file(WRITE "${linnet_control}/triggers" "activate-noawait ldconfig\n")
configure_file("${linnet_debian}/symbols" "${linnet_control}/symbols" COPYONLY)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
    "${linnet_control}/shlibs" "${linnet_control}/symbols" "${linnet_control}/triggers")

configure_file("${linnet_debian}/depends.cmake.in" "${PROJECT_BINARY_DIR}/depends.cmake" @ONLY)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_BINARY_DIR}/depends.cmake")
configure_file("${linnet_debian}/finish.cmake.in" "${PROJECT_BINARY_DIR}/finish.cmake" @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_BINARY_DIR}/finish.cmake")

include(CPack)
