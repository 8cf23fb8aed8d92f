# What `cmake --install` lays down, in three components: library, development, program.
include(CMakePackageConfigHelpers)

install(TARGETS keratin EXPORT KeratinTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libkeratin0 COMPONENT library
  RENAME copyright)

install(DIRECTORY include/keratin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Keratin)
set_target_properties(keratin PROPERTIES EXPORT_NAME keratin)
add_library(Keratin::keratin ALIAS keratin)
install(EXPORT KeratinTargets NAMESPACE Keratin:: DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/KeratinConfig.cmake.in KeratinConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(KeratinConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/KeratinConfig.cmake
  ${PROJECT_BINARY_DIR}/KeratinConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)

# The paths in keratin.pc are relative to it, so that an installed tree can be moved.
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH KERATIN_PC_TO_PREFIX /${pkgconfig_dir} /)
string(REGEX REPLACE "/$" "" KERATIN_PC_TO_PREFIX ${KERATIN_PC_TO_PREFIX})
configure_file(cmake/keratin.pc.in keratin.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/keratin.pc DESTINATION ${pkgconfig_dir} COMPONENT development)

if(TARGET keratin_cli)
  file(RELATIVE_PATH lib_from_bin /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(keratin_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${lib_from_bin}")
  install(TARGETS keratin_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()

include(cmake/Packages.cmake)
