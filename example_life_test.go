package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// printer prints the level and message of records, and the attributes asked for.
type printer struct{ keys []string }

func (p printer) WriteBatch(_ context.Context, batch []record.Record) error {
	for i := range batch {
		fmt.Print(batch[i].LevelText(), " ", batch[i].Message)
		for _, key := range p.keys {
			if v, ok := attr(batch[i], key); ok {
				fmt.Print(" ", key, "=", v)
			}
		}
		fmt.Println()
	}
	return nil
}

func (printer) Close() error { return nil }

func ExampleLogger_Life() {
	log := weir.New("app", weir.WithSink(printer{[]string{"table", "error"}}))
	defer log.Close()

	migrate := func(ctx context.Context, table string) (err error) {
		done := log.Life(ctx, "Database migration", "table", table)
		defer done(&err)
		if table == "" {
			return errors.New("no table")
		}
		return nil
	}
	_ = migrate(context.Background(), "users")
	_ = migrate(context.Background(), "")
	// Output:
	// INFO Begin: Database migration table=users
	// INFO End (0.00): Database migration table=users
	// INFO Begin: Database migration table=
	// ERROR Error in Database migration table= error=no table
	// INFO End (0.00): Database migration table=
}

func ExampleLogger_LifeAt() {
	log := weir.New("app", weir.WithSink(printer{}), weir.WithLevel(weir.LevelDebug))
	defer log.Close()
	done := log.LifeAt(context.Background(), weir.LevelDebug, "warm the cache")
	defer done(nil)
	// Output:
	// DEBUG Begin: warm the cache
	// DEBUG End (0.00): warm the cache
}

func ExampleLogger_Scope() {
	log := weir.New("app", weir.WithSink(printer{[]string{"error"}}))
	defer log.Close()
	check := func(ctx context.Context, id int) (err error) {
		done := log.Scope(ctx, "checking", "id", id)
		defer done(&err)
		if id < 0 {
			return errors.New("no such id")
		}
		return nil
	}
	_ = check(context.Background(), 1)
	_ = check(context.Background(), -1)
	// Output:
	// INFO checking
	// INFO checking
	// ERROR Error in a scope: checking error=no such id
}

func ExampleLogger_ScopeAt() {
	log := weir.New("app", weir.WithSink(printer{}))
	defer log.Close()
	done := log.ScopeAt(context.Background(), weir.LevelWarn, "falling back")
	defer done(nil)
	// Output: WARN falling back
}

func ExampleLogger_StartTimer() {
	log := weir.New("app", weir.WithSink(printer{[]string{"rows"}}))
	defer log.Close()
	timer := log.StartTimer()
	rows := 42
	took := timer.End(context.Background(), weir.LevelInfo, "Operation completed", "rows", rows)
	if took > timer.Elapsed() {
		fmt.Println("time ran backwards")
	}
	// Output: INFO Operation completed rows=42
}

func ExampleLogger_Measure() {
	log := weir.New("app", weir.WithSink(printer{[]string{"error"}}))
	defer log.Close()
	err := log.Measure(context.Background(), "compress", func(context.Context) error { return nil })
	fmt.Println(err)
	err = log.Measure(context.Background(), "upload", func(context.Context) error { return errors.New("refused") })
	fmt.Println(err)
	_ = log.Flush(context.Background())
	// Unordered output:
	// <nil>
	// refused
	// INFO compress completed
	// ERROR upload failed error=refused
}

func ExampleMeasureValue() {
	log := weir.New("app", weir.WithSink(printer{}))
	n, err := weir.MeasureValue(log, context.Background(), "count rows", func(context.Context) (int, error) { return 42, nil })
	_ = log.Close()
	fmt.Println(n, err)
	// Output:
	// INFO count rows completed
	// 42 <nil>
}

func ExampleLogger_Err() {
	log := weir.New("app", weir.WithSink(printer{[]string{"file", "error", "error_type"}}))
	defer log.Close()
	if _, err := os.Open("/no/such/file"); err != nil {
		log.Err(context.Background(), fmt.Errorf("start: %w", err), "cannot start", "file", "settings")
	}
	// Output: ERROR cannot start file=settings error=start: open /no/such/file: no such file or directory error_type=*fs.PathError
}

func ExampleWithStack() {
	log := weir.New("app", weir.WithSink(printer{[]string{"error"}}))
	defer log.Close()
	load := func() error { return weir.WithStack(errors.New("damaged")) }
	// The record's stack_trace and function_name are those of load, not of this line.
	log.Err(context.Background(), fmt.Errorf("load: %w", load()), "cannot load")
	// Output: ERROR cannot load error=load: damaged
}

func ExampleLogger_Recover() {
	log := weir.New("app", weir.WithSink(printer{[]string{"error_type"}}))
	defer log.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer log.Recover()
		panic("out of cheese")
	}()
	<-ended
	fmt.Println("the program goes on")
	// Output:
	// ERROR panic: out of cheese error_type=string
	// the program goes on
}

func ExampleLogger_Repanic() {
	log := weir.New("app", weir.WithSink(printer{}))
	defer log.Close()
	defer func() { fmt.Println("the panic goes on:", recover()) }()
	defer log.Repanic()
	panic("out of cheese")
	// Output:
	// FATAL panic: out of cheese
	// the panic goes on: out of cheese
}

func ExampleLogger_Exit() {
	log := weir.New("app", weir.WithSink(printer{}))
	defer log.Close()
	if len(os.Args) > 1000 {
		log.Exit(2, "too many arguments", slog.Int("n", len(os.Args)))
	}
	log.Info("started")
	// Output: INFO started
}

func ExampleHandleSignals() {
	log := weir.New("app", weir.HandleSignals(), weir.WithSink(printer{}), weir.WithErrorOutput(io.Discard))
	defer log.Close()
	log.Info("Ctrl+C will not lose this")
	// Output: INFO Ctrl+C will not lose this
}
