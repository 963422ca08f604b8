# `cmake --install`: headers, library, app, a CMake package and a pkg-config file. Nothing written here holds an absolute
# path, so the installed tree may be moved (tests/packaging does).
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/surefoot)

install(TARGETS surefoot_headers surefoot EXPORT surefootTargets)
install(DIRECTORY lib/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/surefoot)
if(TARGET surefoot_app)
  # A shared build's app finds its library beside itself, wherever the tree is moved to.
  file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(surefoot_app PROPERTIES INSTALL_RPATH "$ORIGIN/${bin_to_lib}")
  install(TARGETS surefoot_app)
endif()

# find_package(surefoot)
install(EXPORT surefootTargets NAMESPACE surefoot:: DESTINATION ${package_dir})
configure_package_config_file(cmake/surefootConfig.cmake.in ${PROJECT_BINARY_DIR}/surefootConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/surefootConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/surefootConfig.cmake ${PROJECT_BINARY_DIR}/surefootConfigVersion.cmake
        DESTINATION ${package_dir})

# pkg-config surefoot
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pkgconfig_to_prefix ${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir} ${CMAKE_INSTALL_PREFIX})
if(BUILD_SHARED_LIBS)
  set(pkgconfig_requires "Requires: eigen3\nRequires.private: zlib, tbb")
else()
  set(pkgconfig_requires "Requires: eigen3, zlib, tbb")
endif()
configure_file(cmake/surefoot.pc.in ${PROJECT_BINARY_DIR}/surefoot.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/surefoot.pc DESTINATION ${pkgconfig_dir})
