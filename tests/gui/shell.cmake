lathe_view_test(gui.main_window SOURCES main_window_test.cpp DEPENDS lathe_views_shell test_gui_support)
lathe_view_test(gui.state_files SOURCES state_files_test.cpp DEPENDS lathe_views_shell test_gui_support)
add_test(NAME lint.translations COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/check_translations.py ${CMAKE_SOURCE_DIR})
