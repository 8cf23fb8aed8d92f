# What the library stands on. keratin_dependencies carries it; nothing of it shows in the public header.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LIBHWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(LIBPNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(LIBTURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)

# OpenBLAS is loaded at run time, for its LAPACK, when eigh or svd first comes: Debian's build without threads.
find_file(KERATIN_OPENBLAS libopenblas.so.0 REQUIRED
  PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial NO_DEFAULT_PATH
  DOC "The OpenBLAS to load: a build without threads")
set(KERATIN_LOADED_PACKAGES libopenblas0-serial)

add_library(keratin_dependencies INTERFACE)
target_compile_definitions(keratin_dependencies INTERFACE KERATIN_OPENBLAS="${KERATIN_OPENBLAS}")
target_link_libraries(keratin_dependencies INTERFACE
  nlohmann_json::nlohmann_json PkgConfig::LIBZIP PkgConfig::LIBHWY PkgConfig::LIBPNG
  PkgConfig::LIBTURBOJPEG Threads::Threads ${CMAKE_DL_LIBS})
