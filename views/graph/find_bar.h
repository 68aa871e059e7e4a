#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace lathe::views {

class GraphCanvas;
class GraphScene;

/// Finds nodes while typing: name, operator, shape. Enter and Shift+Enter go through them, Escape closes. Where modules are closed, what is
/// inside of them is asked for: the modules that hold something are marked, and opened when one goes there.
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
    /// The answer to searched(): ids in the order of the whole drawing, the first of `count`. One for another text is dropped.
    void setFound(const QString& text, const QStringList& ids, int count);

Q_SIGNALS:
    /// The drawing does not show all nodes.
    void searched(const QString& text);
    /// One that the drawing does not show is to be seen.
    void hiddenChosen(const QString& id);

public Q_SLOTS:
    void next();
    void previous();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void search();
    /// Takes what is drawn as what is found, and asks for the rest.
    void findDrawn();
    void mark();
    void step(int by);
    void showCount();
    void retranslate();

    GraphScene* m_scene;
    GraphCanvas* m_canvas;
    QLineEdit* m_edit;
    QLabel* m_count;
    QToolButton *m_previous, *m_next, *m_close;
    QStringList m_found; ///< ids
    int m_all = 0;       ///< how many fit; those in m_found, or more
    QString m_chosen;    ///< the one that one went to last
    int m_index = -1;    ///< in m_found
};

} // namespace lathe::views
