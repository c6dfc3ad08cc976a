# What a programmer finds after installing: headers, archives, the shared library, a pkg-config file
# and a CMake package. All paths in them are relative to where they lie, so that a prefix can be
# chosen, or moved, afterwards.
include(CMakePackageConfigHelpers)

set(linnet_package "${CMAKE_INSTALL_LIBDIR}/cmake/linnet")
file(RELATIVE_PATH linnet_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" linnet_up "${linnet_up}")

set_target_properties(linnet_core PROPERTIES EXPORT_NAME core)
set(linnet_targets linnet linnet_core)
if(TARGET linnet_shared)
    list(APPEND linnet_targets linnet_shared)
endif()
install(TARGETS ${linnet_targets} EXPORT linnet-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library
        NAMELINK_COMPONENT development)
install(DIRECTORY include/linnet DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development
    FILES_MATCHING PATTERN "*.h")
if(TARGET linnet_program)
    install(TARGETS linnet_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
        COMPONENT program)
endif()

# Who links the shared library needs nothing else; who links the archive asks with --static.
if(TARGET linnet_shared)
    set(linnet_libs "")
    set(linnet_libs_private "-laio")
else()
    set(linnet_libs " -laio")
    set(linnet_libs_private "")
endif()
configure_file(cmake/linnet.pc.in "${PROJECT_BINARY_DIR}/linnet.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/linnet.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT development)

install(EXPORT linnet-targets NAMESPACE linnet:: FILE linnet-config.cmake
    DESTINATION "${linnet_package}" COMPONENT development)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/linnet-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/linnet-config-version.cmake"
    DESTINATION "${linnet_package}" COMPONENT development)
