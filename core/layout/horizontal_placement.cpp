#include <core/layout/horizontal_placement.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <unordered_set>

namespace lathe::layout {

namespace {

std::size_t at(int vertex) { return static_cast<std::size_t>(vertex); }

/// Edges that cross a straight part of a long edge and so must not be made straight themselves.
class Conflicts {
public:
    explicit Conflicts(const Rows& rows, const std::vector<int>& positions) {
        for (std::size_t row = 1; row < rows.rows.size(); ++row)
            mark(rows, positions, rows.rows[row], static_cast<int>(rows.rows[row - 1].size()));
    }
    [[nodiscard]] bool contains(int a, int b) const { return m_edges.contains(key(std::min(a, b), std::max(a, b))); }

private:
    static std::uint64_t key(int a, int b) {
        return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32) | static_cast<std::uint32_t>(b);
    }

    static int innerNeighbour(const Rows& rows, int vertex) {
        if (!rows.isBend[at(vertex)]) return -1;
        const std::vector<int>& above = rows.above[at(vertex)];
        const auto found = std::ranges::find_if(above, [&](int other) { return rows.isBend[at(other)]; });
        return found == above.end() ? -1 : *found;
    }

    void mark(const Rows& rows, const std::vector<int>& positions, const std::vector<int>& row, int sizeAbove) {
        int left = 0;
        std::size_t scanned = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const int inner = innerNeighbour(rows, row[i]);
            if (inner < 0 && i + 1 < row.size()) continue;
            const int right = inner >= 0 ? positions[at(inner)] : sizeAbove;
            for (; scanned <= i; ++scanned) {
                const int vertex = row[scanned];
                for (const int other : rows.above[at(vertex)]) {
                    const bool isInside = left <= positions[at(other)] && positions[at(other)] <= right;
                    const bool isInner = rows.isBend[at(other)] && rows.isBend[at(vertex)];
                    if (!isInside && !isInner) m_edges.insert(key(std::min(vertex, other), std::max(vertex, other)));
                }
            }
            left = right;
        }
    }

    std::unordered_set<std::uint64_t> m_edges;
};

/// One of the four extreme placements: vertices are hung under (or over) the median of their neighbours, the blocks that this makes are
/// pushed to one side.
class Extreme {
public:
    enum class Vertical { FromAbove, FromBelow };
    enum class Horizontal { Left, Right };

    Extreme(const Rows& rows, double gap, Vertical vertical, Horizontal horizontal)
        : m_rows(rows), m_gap(gap), m_joined(vertical == Vertical::FromAbove ? rows.above : rows.below), m_order(rows.rows),
          m_isMirrored(horizontal == Horizontal::Right) {
        if (vertical == Vertical::FromBelow) std::ranges::reverse(m_order);
        if (m_isMirrored) {
            for (std::vector<int>& row : m_order)
                std::ranges::reverse(row);
        }
        m_positions.resize(rows.widths.size());
        for (const std::vector<int>& row : m_order) {
            for (std::size_t i = 0; i < row.size(); ++i)
                m_positions[at(row[i])] = static_cast<int>(i);
        }
        m_root.resize(rows.widths.size());
        std::iota(m_root.begin(), m_root.end(), 0);
    }

    std::vector<double> place(const Conflicts& conflicts) {
        align(conflicts);
        std::vector<double> x = compact();
        if (m_isMirrored) {
            for (double& each : x)
                each = -each;
        }
        return x;
    }

private:
    void align(const Conflicts& conflicts) {
        std::vector<int> joined;
        for (const std::vector<int>& row : m_order) {
            int rightmost = -1;
            for (const int vertex : row) {
                joined = m_joined[at(vertex)];
                if (joined.empty()) continue;
                std::ranges::sort(joined, {}, [this](int other) { return m_positions[at(other)]; });
                const std::size_t last = joined.size() - 1;
                for (std::size_t median = last / 2; median <= (last + 1) / 2; ++median) {
                    const int other = joined[median];
                    if (rightmost >= m_positions[at(other)] || conflicts.contains(vertex, other)) continue;
                    m_root[at(vertex)] = m_root[at(other)];
                    rightmost = m_positions[at(other)];
                    break;
                }
            }
        }
    }

    struct Neighbour {
        int block;
        double distance; ///< of the centres
    };

    std::vector<double> compact() const {
        const std::size_t count = m_root.size();
        std::vector<std::vector<Neighbour>> left(count), right(count);
        std::vector<int> waitsFor(count, 0);
        for (const std::vector<int>& row : m_order) {
            for (std::size_t i = 1; i < row.size(); ++i) {
                const int a = m_root[at(row[i - 1])], b = m_root[at(row[i])];
                const double distance = (m_rows.widths[at(row[i - 1])] + m_rows.widths[at(row[i])]) / 2 + m_gap;
                right[at(a)].push_back({b, distance});
                left[at(b)].push_back({a, distance});
                ++waitsFor[at(b)];
            }
        }
        std::vector<int> sorted;
        for (std::size_t vertex = 0; vertex < count; ++vertex) {
            if (m_root[vertex] == static_cast<int>(vertex) && waitsFor[vertex] == 0) sorted.push_back(static_cast<int>(vertex));
        }
        for (std::size_t next = 0; next < sorted.size(); ++next) {
            for (const Neighbour& neighbour : right[at(sorted[next])]) {
                if (--waitsFor[at(neighbour.block)] == 0) sorted.push_back(neighbour.block);
            }
        }
        // As far to the left as can be, then back to the right where there is room: blocks stand beside what they belong to.
        std::vector<double> x(count, 0);
        for (const int block : sorted) {
            for (const Neighbour& neighbour : left[at(block)])
                x[at(block)] = std::max(x[at(block)], x[at(neighbour.block)] + neighbour.distance);
        }
        for (auto block = sorted.rbegin(); block != sorted.rend(); ++block) {
            double room = std::numeric_limits<double>::infinity();
            for (const Neighbour& neighbour : right[at(*block)])
                room = std::min(room, x[at(neighbour.block)] - neighbour.distance);
            if (room < std::numeric_limits<double>::infinity()) x[at(*block)] = std::max(x[at(*block)], room);
        }
        for (std::size_t vertex = 0; vertex < count; ++vertex)
            x[vertex] = x[at(m_root[vertex])];
        return x;
    }

    const Rows& m_rows;
    double m_gap;
    const std::vector<std::vector<int>>& m_joined;
    std::vector<std::vector<int>> m_order;
    bool m_isMirrored;
    std::vector<int> m_positions, m_root;
};

struct Extent {
    double left = std::numeric_limits<double>::infinity(), right = -std::numeric_limits<double>::infinity();
    [[nodiscard]] double width() const { return right - left; }
};

Extent extentOf(const std::vector<double>& x, const std::vector<double>& widths) {
    Extent extent;
    for (std::size_t i = 0; i < x.size(); ++i) {
        extent.left = std::min(extent.left, x[i] - widths[i] / 2);
        extent.right = std::max(extent.right, x[i] + widths[i] / 2);
    }
    return extent;
}

} // namespace

std::vector<double> placeHorizontally(const Rows& rows, double gap) {
    if (rows.widths.empty()) return {};
    std::vector<int> positions(rows.widths.size(), 0);
    for (const std::vector<int>& row : rows.rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            positions[at(row[i])] = static_cast<int>(i);
    }
    const Conflicts conflicts(rows, positions);
    using enum Extreme::Vertical;
    using enum Extreme::Horizontal;
    std::array<std::vector<double>, 4> extremes{
        Extreme(rows, gap, FromAbove, Left).place(conflicts), Extreme(rows, gap, FromBelow, Left).place(conflicts),
        Extreme(rows, gap, FromAbove, Right).place(conflicts), Extreme(rows, gap, FromBelow, Right).place(conflicts)};

    // All four at one side of the narrowest, then the mean of the two in the middle, which keeps order and distances.
    std::array<Extent, 4> extents;
    std::ranges::transform(extremes, extents.begin(), [&](const auto& x) { return extentOf(x, rows.widths); });
    const Extent narrowest = *std::ranges::min_element(extents, {}, &Extent::width);
    std::vector<double> x(rows.widths.size());
    for (std::size_t vertex = 0; vertex < x.size(); ++vertex) {
        std::array<double, 4> candidates{};
        for (std::size_t i = 0; i < 4; ++i)
            candidates[i] = extremes[i][vertex] + (i < 2 ? narrowest.left - extents[i].left : narrowest.right - extents[i].right);
        std::ranges::sort(candidates);
        x[vertex] = (candidates[1] + candidates[2]) / 2;
    }
    const double left = extentOf(x, rows.widths).left;
    for (double& each : x)
        each -= left;
    return x;
}

} // namespace lathe::layout
