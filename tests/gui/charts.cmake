lathe_view_test(gui.charts_pareto_front SOURCES charts_pareto_front_test.cpp DEPENDS lathe_views_charts)
lathe_view_test(gui.charts_distribution SOURCES charts_distribution_test.cpp DEPENDS lathe_views_charts)
lathe_view_test(gui.charts_panel SOURCES charts_panel_test.cpp DEPENDS lathe_views_charts)
# QCustomPlot's header uses Qt's foreach.
target_compile_options(test_gui_charts_panel PRIVATE -UQT_NO_FOREACH)
