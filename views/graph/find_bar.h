#pragma once

#include <vector>

#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace lathe::views {

class GraphCanvas;
class GraphScene;
class NodeItem;

/// Finds nodes while typing: name, operator, shape. Enter and Shift+Enter go through them, Escape closes.
class FindBar : public QWidget {
    Q_OBJECT

public:
    FindBar(GraphScene* scene, GraphCanvas* canvas, QWidget* parent = nullptr);

    /// Shows the bar with its text selected.
    void open();
    /// Hides the bar; the node found stays selected.
    void close();
    /// Searches again in a new drawing, without moving.
    void refresh();
    [[nodiscard]] QLineEdit* edit() const { return m_edit; }
    [[nodiscard]] QString countText() const;

public Q_SLOTS:
    void next();
    void previous();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void search();
    void mark();
    void step(int by);
    void showCount();
    void retranslate();

    GraphScene* m_scene;
    GraphCanvas* m_canvas;
    QLineEdit* m_edit;
    QLabel* m_count;
    QToolButton *m_previous, *m_next, *m_close;
    std::vector<NodeItem*> m_found;
    int m_index = -1; ///< in m_found
};

} // namespace lathe::views
