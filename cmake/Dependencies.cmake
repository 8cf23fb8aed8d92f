# What the library stands on. keratin_dependencies carries it; nothing of it shows in the public header.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LIBHWY REQUIRED IMPORTED_TARGET libhwy)

add_library(keratin_dependencies INTERFACE)
target_link_libraries(keratin_dependencies INTERFACE
  nlohmann_json::nlohmann_json PkgConfig::LIBZIP PkgConfig::LIBHWY Threads::Threads ${CMAKE_DL_LIBS})
