package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// books count what the server has acknowledged.
type books struct{ acknowledged atomic.Int64 }

func (b *books) acknowledge(records int) { b.acknowledged.Add(int64(records)) }

// balance compares what is stored with what was acknowledged: by the running server's count and
// its ledger, and by the count of one that is started again on the same records.
func (b *bench) balance(ctx context.Context, weir, dir string) error {
	want := b.books.acknowledged.Load()
	stored, err := b.storedRecords(ctx)
	if err != nil {
		return err
	}
	ledger, err := b.ledger(ctx)
	if err != nil {
		return err
	}
	took, err := b.server.stop()
	if err != nil {
		return err
	}
	if b.server, err = start(ctx, weir, dir); err != nil {
		return err
	}
	defer b.server.kill()
	again, err := b.storedRecords(ctx)
	if err != nil {
		return err
	}
	r := b.report
	r.section("The books, %s records acknowledged", thousands(float64(want)))
	r.equal("stored, by /api/v1/stats", float64(stored), float64(want))
	r.equal("received, by /metrics", ledger["received_total"], float64(want))
	r.equal("stored, by /metrics", ledger["stored_total"], float64(want))
	r.equal("deduplicated + refused + pending, by /metrics", ledger["deduplicated_total"]+ledger["refused_total"]+ledger["pending"], 0)
	r.equal("stored after a restart", float64(again), float64(want))
	r.note("seconds to stop", took.Seconds())
	return nil
}

func (b *bench) storedRecords(ctx context.Context) (int64, error) {
	text, err := b.server.get(ctx, "/api/v1/stats")
	if err != nil {
		return 0, err
	}
	var stats struct{ Records *int64 }
	if err := json.Unmarshal(text, &stats); err != nil || stats.Records == nil {
		return 0, fmt.Errorf("read /api/v1/stats: %q, %w", text, err)
	}
	return *stats.Records, nil
}

// ledger returns the sums over all sources of weir_records_….
func (b *bench) ledger(ctx context.Context) (map[string]float64, error) {
	text, err := b.server.get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	const prefix = "weir_records_"
	sums := map[string]float64{}
	for line := range bytes.Lines(text) {
		rest, found := strings.CutPrefix(strings.TrimSpace(string(line)), prefix)
		if !found {
			continue
		}
		name, _, _ := strings.Cut(rest, "{")
		space := strings.LastIndexByte(rest, ' ')
		n, err := strconv.ParseFloat(rest[space+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("read /metrics: %q", line)
		}
		sums[name] += n
	}
	return sums, nil
}
