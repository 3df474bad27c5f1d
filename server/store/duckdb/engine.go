//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// engine is one running DuckDB. Connections of one engine see one database; all
// of them must be closed before the file can be opened again.
type engine struct {
	connector *duckdb.Connector
	readers   *sql.DB // owns the connector

	ending context.Context // done once end is called: interrupts the reads under way
	end    context.CancelFunc
}

// startEngine opens the file, and makes or migrates its tables.
func startEngine(ctx context.Context, o Options) (*engine, error) {
	// A relative path with a colon would not be understood.
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Dir, err)
	}
	path := filepath.Join(dir, fileName)
	if strings.ContainsAny(path, "?%#") {
		return nil, fmt.Errorf("open %s: DuckDB cannot open a path with ?, %% or # in it; choose another directory with --data", path)
	}
	settings := url.Values{
		"memory_limit":                 {strconv.FormatInt(o.MemoryLimit/1000, 10) + "KB"},
		"temp_directory":               {filepath.Join(dir, tempName)},
		"max_temp_directory_size":      {strconv.FormatInt(o.SpillLimit/1000, 10) + "KB"},
		"checkpoint_threshold":         {"1TB"}, // never by itself: see checkpoint.go
		"max_vacuum_tasks":             {"0"},   // never merges: see checkpoint.go
		"threads":                      {strconv.Itoa(threads(runtime.NumCPU(), o.MaxReads))},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
	}
	connector, err := duckdb.NewConnector(path+"?"+settings.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, explain(err))
	}
	e := &engine{connector: connector, readers: sql.OpenDB(connector)}
	e.ending, e.end = context.WithCancel(context.Background())
	e.readers.SetMaxOpenConns(o.MaxReads)
	e.readers.SetMaxIdleConns(o.MaxReads)
	if err := e.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), e.stop())
	}
	return e, nil
}

// threads is how many threads a statement may use: as many as let the reads that run at once share the processors.
// More cost the intake dearly where there are two: whoever waits in DuckDB for the other threads of
// a checkpoint does so in a loop, a whole processor's worth, while requests want it (measured: checkpoints of up to
// 3.8 s instead of 0.3 s, a third more of the processors).
func threads(processors, reads int) int { return max(processors/reads, 1) }

// engineSettings are made once the file is open. Close writes the log into the
// file itself: an engine that has failed must not, because what it has in memory
// may be damaged. The last setting makes all final, so that no statement of a
// user changes them.
const engineSettings = `
PRAGMA disable_checkpoint_on_shutdown;
SET GLOBAL TimeZone = 'UTC';
SET GLOBAL enable_external_access = false;
SET GLOBAL lock_configuration = true;`

func (e *engine) prepare(ctx context.Context) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := execute(ctx, conn, engineSettings); err != nil {
		return err
	}
	if err := migrate(ctx, conn); err != nil {
		return err
	}
	return checkColumns(ctx, conn)
}

// connect makes a connection outside the readers' pool.
func (e *engine) connect(ctx context.Context) (*duckdb.Conn, error) {
	conn, err := e.connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", explain(err))
	}
	return conn.(*duckdb.Conn), nil
}

// stop closes the readers' connections, which must not be in use any more.
func (e *engine) stop() error {
	e.end()
	return e.readers.Close()
}

// folding asks DuckDB for its idea of lower case.
func (e *engine) folding(ctx context.Context) (folding, error) {
	probe := probeText()
	var lowered string
	if err := e.readers.QueryRowContext(ctx, "SELECT lower(?)", probe).Scan(&lowered); err != nil {
		return folding{}, fmt.Errorf("compare lower case: %w", explain(err))
	}
	return newFolding(probe, lowered), nil
}

// migrate brings the tables to the present format, each step in a transaction of
// its own.
func migrate(ctx context.Context, conn *duckdb.Conn) error {
	format, err := readFormat(ctx, conn)
	if err != nil {
		return err
	}
	if format > formatVersion {
		return fmt.Errorf("%w: it has format %d, this Weir knows %d (start the Weir that wrote it, or a newer one)", store.ErrVersion, format, formatVersion)
	}
	for n := format + 1; n <= formatVersion; n++ {
		step, err := migration(n)
		if err != nil {
			return err
		}
		text := "BEGIN;\n" + step + "\nUPDATE meta SET format = " + strconv.Itoa(n) + ";\nCOMMIT;"
		if err := execute(ctx, conn, text); err != nil {
			return fmt.Errorf("migrate to format %d: %w", n, explain(err))
		}
	}
	return nil
}

// readFormat returns the file's format, 0 for an empty file.
func readFormat(ctx context.Context, conn *duckdb.Conn) (int, error) {
	tables, err := selectRows(ctx, conn, "SELECT table_name FROM duckdb_tables()")
	if err != nil {
		return 0, fmt.Errorf("list tables: %w", explain(err))
	}
	if len(tables) == 0 {
		return 0, nil
	}
	for _, row := range tables {
		if row[0] != "meta" {
			continue
		}
		rows, err := selectRows(ctx, conn, "SELECT format FROM meta")
		if err != nil {
			return 0, fmt.Errorf("read the format: %w", explain(err))
		}
		if len(rows) == 1 {
			return int(rows[0][0].(int32)), nil
		}
	}
	return 0, errors.New("this DuckDB file was not made by Weir; choose another directory with --data")
}

// checkColumns compares the table with the projection: rows are appended by the
// place of a column, so a difference would put values under wrong names.
func checkColumns(ctx context.Context, conn *duckdb.Conn) error {
	rows, err := selectRows(ctx, conn, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'logs' ORDER BY column_index")
	if err != nil {
		return fmt.Errorf("list columns: %w", explain(err))
	}
	for i, f := range record.Fields {
		if i >= len(rows) || rows[i][0] != f.Name || rows[i][1] != columnType(f) {
			return fmt.Errorf("table logs: column %d is not %s %s: the table was changed; export its records and import them into an empty store", i+1, f.Name, columnType(f))
		}
	}
	if len(rows) != record.NumFields {
		return fmt.Errorf("table logs: column %v is not Weir's: drop it", rows[record.NumFields][0])
	}
	return nil
}

// execute runs statements without arguments.
func execute(ctx context.Context, conn *duckdb.Conn, statements string, args ...driver.NamedValue) error {
	_, err := conn.ExecContext(ctx, statements, args)
	return err
}

// selectRows reads a small result.
func selectRows(ctx context.Context, conn *duckdb.Conn, query string, args ...any) ([][]driver.Value, error) {
	rows, err := conn.QueryContext(ctx, query, values(args...))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]driver.Value
	for {
		row := make([]driver.Value, len(rows.Columns()))
		switch err := rows.Next(row); {
		case err == nil:
			out = append(out, row)
		case errors.Is(err, io.EOF):
			return out, nil
		default:
			return nil, err
		}
	}
}
