// Command pipeline cleans a table of orders in four stages. Each stage has its tag and
// its life in the log; secrets are removed and repeats are counted before any sink gets
// them.
//
//	go run ./pipeline
package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/sink/console"
)

//go:embed orders.csv
var orders string

type order struct {
	id, customer, email, card string
	amount                    float64
}

func main() {
	redact, err := processor.Redact(processor.RedactOptions{Keys: []string{"card"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	log := weir.New("pipeline",
		weir.WithSink(console.New(os.Stdout, console.Options{})),
		weir.WithProcessor(redact, processor.Deduplicate(processor.DeduplicateOptions{Keys: []string{"message"}})))
	err = run(context.Background(), log)
	log.Divider("the end")
	log.Close()
	if err != nil {
		os.Exit(1)
	}
}

// run logs its life: its begin, its end with the seconds, and its error.
func run(ctx context.Context, log *weir.Logger) (err error) {
	done := log.Life(ctx, "pipeline")
	defer done(&err)

	log.Divider("ingestion")
	rows, err := ingest(weir.Tag(ctx, "ingestion"), log)
	if err != nil {
		return err
	}
	log.Divider("validation")
	valid := validate(weir.Tag(ctx, "validation"), log, rows)
	log.Divider("features")
	totals := aggregate(weir.Tag(ctx, "features"), log, valid)
	log.Divider("load")
	return load(weir.Tag(ctx, "load"), log, totals)
}

func ingest(ctx context.Context, log *weir.Logger) (rows [][]string, err error) {
	done := log.Scope(ctx, "reading the table")
	defer done(&err)
	if rows, err = csv.NewReader(strings.NewReader(orders)).ReadAll(); err != nil {
		return nil, fmt.Errorf("read orders.csv: %w", err)
	}
	rows = rows[1:]
	// The address and the card never reach a sink.
	log.InfoContext(ctx, "ingestion complete", "rows", len(rows), "first_email", rows[0][2], "first_card", rows[0][4])
	return rows, nil
}

func validate(ctx context.Context, log *weir.Logger, rows [][]string) (valid []order) {
	for _, row := range rows {
		amount, err := strconv.ParseFloat(row[3], 64)
		if err == nil && amount <= 0 {
			err = errors.New("the amount is not positive")
		}
		if err != nil {
			// One line and "repeated 2 times", instead of three lines.
			log.WarnContext(ctx, "row refused", "order", row[0], "error", err)
			continue
		}
		valid = append(valid, order{id: row[0], customer: row[1], email: row[2], amount: amount, card: row[4]})
	}
	log.InfoContext(ctx, "validation complete", "valid", len(valid), "refused", len(rows)-len(valid))
	return valid
}

func aggregate(ctx context.Context, log *weir.Logger, valid []order) map[string]float64 {
	totals := map[string]float64{}
	for i := range weir.Track(log, "features", len(valid)) {
		issuer := "other"
		if strings.HasPrefix(valid[i].card, "4") {
			issuer = "visa"
		}
		totals[issuer] += valid[i].amount
	}
	log.InfoContext(ctx, "features computed", "issuers", len(totals))
	return totals
}

func load(ctx context.Context, log *weir.Logger, totals map[string]float64) error {
	return log.Measure(ctx, "write", func(ctx context.Context) error {
		sum := 0.0
		for _, total := range totals {
			sum += total
		}
		log.InfoContext(ctx, "written", "rows", len(totals), "sum", sum)
		return nil
	})
}
