#include <core/history/schema.h>

#include <array>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

namespace lathe::history {
namespace {

// Version 1. Numbers are linked by `run`, the integer key; `id` is the UUID that people and other programs see. A number that was measured
// but is not finite is stored as NULL (NaN has no form in SQLite); a number that was not measured has no row, or is NULL where the column
// is optional.
constexpr const char* createVersion1 = R"sql(
CREATE TABLE model(
  number INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,
  format TEXT NOT NULL,
  file TEXT NOT NULL,
  UNIQUE(sha256, format, file)
) STRICT;

CREATE TABLE dataset(
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  samples INTEGER NOT NULL,
  UNIQUE(name, sha256)
) STRICT;

-- content: a JSON object, keys sorted, values text.
CREATE TABLE environment(
  number INTEGER PRIMARY KEY,
  content TEXT NOT NULL UNIQUE
) STRICT;

-- owner_*: the process that is at work on a running row. A process number alone is not enough, since the system uses numbers again.
CREATE TABLE run(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  parent INTEGER REFERENCES run(number) ON DELETE SET NULL,
  role TEXT NOT NULL CHECK(role IN ('baseline', 'optimized')),
  state TEXT NOT NULL CHECK(state IN ('running', 'complete', 'cancelled', 'failed', 'interrupted')),
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  pinned INTEGER NOT NULL CHECK(pinned IN (0, 1)),
  created_at TEXT NOT NULL,
  model INTEGER NOT NULL REFERENCES model(number),
  dataset INTEGER NOT NULL REFERENCES dataset(number),
  environment INTEGER NOT NULL REFERENCES environment(number),
  device TEXT NOT NULL,
  recipe TEXT NOT NULL,
  recipe_summary TEXT NOT NULL,
  seed INTEGER NOT NULL,
  noise TEXT NOT NULL DEFAULT 'low',
  error TEXT NOT NULL DEFAULT '',
  owner_host TEXT NOT NULL,
  owner_boot TEXT NOT NULL,
  owner_process INTEGER NOT NULL,
  owner_started INTEGER NOT NULL
) STRICT;
CREATE INDEX run_parent ON run(parent);
CREATE INDEX run_model ON run(model);
CREATE INDEX run_dataset ON run(dataset);
CREATE INDEX run_environment ON run(environment);
CREATE INDEX run_running ON run(state) WHERE state = 'running';
CREATE UNIQUE INDEX run_pinned ON run(pinned) WHERE pinned = 1;

CREATE TABLE tag(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY(run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('real', 'simulated')),
  PRIMARY KEY(run, name)
) STRICT, WITHOUT ROWID;

-- Arrays of a run, little-endian, row-major: latency_sample (float64, milliseconds, in the order taken), prediction (int32, one per test sample),
-- confusion (int64, rows = labels), class_precision, class_recall, class_f1 (float64, one per class).
CREATE TABLE series(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  name TEXT NOT NULL,
  rows INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(run, name)
) STRICT;

CREATE TABLE layer_metric(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  op TEXT NOT NULL,
  kernel TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('real', 'simulated')),
  p50_us REAL,
  loss REAL,
  sqnr_db REAL,
  bits INTEGER NOT NULL,
  sparsity REAL,
  parameters INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY(run, position)
) STRICT, WITHOUT ROWID;

-- epoch_losses: float64, little-endian.
CREATE TABLE step(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  op TEXT NOT NULL,
  seconds REAL,
  peak_memory_bytes INTEGER NOT NULL,
  epoch_losses BLOB NOT NULL,
  PRIMARY KEY(run, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE step_figure(
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL,
  PRIMARY KEY(run, position, name),
  FOREIGN KEY(run, position) REFERENCES step(run, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE step_note(
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  line INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY(run, position, line),
  FOREIGN KEY(run, position) REFERENCES step(run, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Of an optimized run, against its baseline.
CREATE TABLE comparison(
  run INTEGER PRIMARY KEY REFERENCES run(number) ON DELETE CASCADE,
  accuracy_drop REAL,
  agreement REAL,
  size_ratio REAL,
  speedup REAL,
  speedup_low REAL,
  speedup_high REAL,
  verdict TEXT NOT NULL CHECK(verdict IN ('faster', 'slower', 'no_significant_difference')),
  simulated_agreement REAL,
  simulated_accuracy REAL
) STRICT;

CREATE TABLE flip(
  run INTEGER NOT NULL REFERENCES comparison(run) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  sample INTEGER NOT NULL,
  label INTEGER NOT NULL,
  before INTEGER NOT NULL,
  after INTEGER NOT NULL,
  PRIMARY KEY(run, position)
) STRICT, WITHOUT ROWID;

-- Files that were written from a run.
CREATE TABLE artifact(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  file TEXT NOT NULL,
  kind TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY(run, file)
) STRICT, WITHOUT ROWID;
)sql";

// Version 2. Exports with what judges found out about them, in place of table artifact, in which nothing was ever written. An export
// without a run stands alone.
constexpr const char* createVersion2 = R"sql(
DROP TABLE artifact;

CREATE TABLE export(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER REFERENCES run(number) ON DELETE CASCADE,
  file TEXT NOT NULL UNIQUE,
  format TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  original_bytes INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  model_file TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  data_sha256 TEXT NOT NULL,
  recipe TEXT NOT NULL,
  recipe_summary TEXT NOT NULL,
  seed INTEGER NOT NULL
) STRICT;
CREATE INDEX export_run ON export(run);

CREATE TABLE export_check(
  export INTEGER NOT NULL REFERENCES export(number) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  judge TEXT NOT NULL,
  version TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN ('same', 'different', 'not_judged')),
  max_abs_error REAL,
  max_rel_error REAL,
  agreement REAL,
  load_ms REAL,
  reason TEXT NOT NULL,
  PRIMARY KEY(export, position)
) STRICT, WITHOUT ROWID;
)sql";

// Version 3. One pinned run for each scope of comparison (scope.h) in place of one in all: which those are, SQL cannot tell.
constexpr const char* createVersion3 = R"sql(
DROP INDEX run_pinned;
CREATE INDEX run_pinned ON run(pinned) WHERE pinned = 1;
)sql";

// Version 4. What a layer's loss is made of, what rounding its input costs, other nodes whose work is in its time (a JSON list of names),
// and whether its MACs are known; which notes of a step are warnings.
constexpr const char* createVersion4 = R"sql(
ALTER TABLE layer_metric ADD COLUMN loss_pruned REAL;
ALTER TABLE layer_metric ADD COLUMN loss_weights REAL;
ALTER TABLE layer_metric ADD COLUMN activations_sqnr_db REAL;
ALTER TABLE layer_metric ADD COLUMN covers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE layer_metric ADD COLUMN macs_known INTEGER NOT NULL DEFAULT 1;
ALTER TABLE step_note ADD COLUMN is_warning INTEGER NOT NULL DEFAULT 0;
)sql";

// Version 5. A comparison can be without verdict, with the reason; what is not reliable says why; series latency_mark (uint8, 1: taken
// under disturbance, one for each latency_sample). Until now figures were of all calls: a run of which a tenth was disturbed, which people
// were warned of, is not reliable. noise_reason and throughput_reason: one sentence, '' when reliable.
constexpr const char* createVersion5 = R"sql(
ALTER TABLE run ADD COLUMN noise_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN throughput_reason TEXT NOT NULL DEFAULT '';

UPDATE run SET noise_reason = coalesce((
  SELECT printf('%,d of %,d calls were disturbed.', CAST(d.value AS INTEGER), CAST(c.value AS INTEGER))
  FROM metric d JOIN metric c ON c.run = d.run AND c.name = 'latency_calls'
  WHERE d.run = run.number AND d.name = 'latency_disturbed' AND c.value > 0 AND d.value * 10 >= c.value), '');

CREATE TABLE comparison_5(
  run INTEGER PRIMARY KEY REFERENCES run(number) ON DELETE CASCADE,
  accuracy_drop REAL,
  agreement REAL,
  size_ratio REAL,
  speedup REAL,
  speedup_low REAL,
  speedup_high REAL,
  verdict TEXT NOT NULL CHECK(verdict IN ('faster', 'slower', 'no_significant_difference', 'not_reliable')),
  reason TEXT NOT NULL,
  baseline TEXT NOT NULL,
  simulated_agreement REAL,
  simulated_accuracy REAL
) STRICT;
INSERT INTO comparison_5 SELECT run, accuracy_drop, agreement, size_ratio, speedup, speedup_low, speedup_high, verdict, '',
  'Lathe''s plan of the original', simulated_agreement, simulated_accuracy FROM comparison;
UPDATE comparison_5 SET verdict = 'not_reliable', reason = (
    SELECT CASE WHEN r.noise_reason <> '' THEN r.noise_reason ELSE p.noise_reason END
    FROM run r LEFT JOIN run p ON p.number = r.parent WHERE r.number = comparison_5.run)
  WHERE EXISTS (SELECT 1 FROM run r LEFT JOIN run p ON p.number = r.parent
    WHERE r.number = comparison_5.run AND (r.noise_reason <> '' OR coalesce(p.noise_reason, '') <> ''));

-- It refers to the new table, so that nothing goes with the old one; the renaming changes that too.
CREATE TABLE flip_5(
  run INTEGER NOT NULL REFERENCES comparison_5(run) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  sample INTEGER NOT NULL,
  label INTEGER NOT NULL,
  before INTEGER NOT NULL,
  after INTEGER NOT NULL,
  PRIMARY KEY(run, position)
) STRICT, WITHOUT ROWID;
INSERT INTO flip_5 SELECT * FROM flip;
DROP TABLE flip;
DROP TABLE comparison;
ALTER TABLE comparison_5 RENAME TO comparison;
ALTER TABLE flip_5 RENAME TO flip;
)sql";

// Version 6. Figures of layers that have no column of their own stand in `figures`, a JSON object of numbers by name; MACs that are not
// known are NULL.
constexpr const char* createVersion6 = R"sql(
CREATE TABLE layer_metric_6(
  run INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  op TEXT NOT NULL,
  kernel TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('real', 'simulated')),
  reason TEXT NOT NULL,
  covers TEXT NOT NULL,
  parameters INTEGER NOT NULL,
  macs INTEGER,
  bits INTEGER NOT NULL,
  sparsity REAL,
  loss REAL,
  loss_pruned REAL,
  loss_weights REAL,
  sqnr_db REAL,
  activations_sqnr_db REAL,
  p50_us REAL,
  figures TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY(run, position)
) STRICT, WITHOUT ROWID;
INSERT INTO layer_metric_6 SELECT run, position, name, op, kernel, kind, reason, covers, parameters, CASE WHEN macs_known THEN macs END, bits,
  sparsity, loss, loss_pruned, loss_weights, sqnr_db, activations_sqnr_db, p50_us, '{}' FROM layer_metric;
DROP TABLE layer_metric;
ALTER TABLE layer_metric_6 RENAME TO layer_metric;
)sql";

// Version 7. What a note says as a code with arguments, a JSON object; '' for one that has none, as all until now.
constexpr const char* createVersion7 = R"sql(
ALTER TABLE step_note ADD COLUMN code TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::array allMigrations = {createVersion1, createVersion2, createVersion3, createVersion4,
                                      createVersion5, createVersion6, createVersion7};

std::int64_t userVersion(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt64(); }

} // namespace

std::span<const char* const> migrations() { return allMigrations; }

void migrate(SQLite::Database& database, std::span<const char* const> steps) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    // Read again now that nobody else can write: another process may have migrated while we waited.
    for (std::size_t version = static_cast<std::size_t>(userVersion(database)); version < steps.size(); ++version) {
        database.exec(steps[version]);
        database.exec("PRAGMA user_version = " + std::to_string(version + 1));
    }
    database.exec("PRAGMA application_id = " + std::to_string(applicationId));
    transaction.commit();
}

SchemaObjects schemaObjects(SQLite::Database& database) {
    SQLite::Statement statement(database,
                                "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE NOT "
                                "(type = 'index' AND sql IS NULL OR name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'))");
    SchemaObjects objects;
    while (statement.executeStep())
        objects.emplace(statement.getColumn(0).getString(), statement.getColumn(1).getString());
    return objects;
}

SchemaObjects expectedSchema(std::span<const char* const> steps, std::int64_t version) {
    SQLite::Database memory(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(memory, steps.first(static_cast<std::size_t>(version)));
    return schemaObjects(memory);
}

} // namespace lathe::history
