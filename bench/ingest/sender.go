package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
)

// sender posts bodies over one connection.
type sender struct {
	server *server
	client *http.Client
	buf    []byte
	books  *books
}

func (b *bench) newSender() *sender {
	return &sender{server: b.server, books: &b.books, client: &http.Client{Transport: &http.Transport{
		DialContext:        (&net.Dialer{}).DialContext,
		MaxConnsPerHost:    1,
		DisableCompression: true,
		WriteBufferSize:    256 << 10, // a whole body
	}}}
}

func (s *sender) close() { s.client.CloseIdleConnections() }

// post sends a prebuilt body and returns when the server has acknowledged its records.
func (s *sender) post(ctx context.Context, b *body, n uint64) error {
	s.buf = b.finish(s.buf[:0], n)
	return s.send(ctx, b.path, b.contentType, "gzip", s.buf, batchRecords)
}

// send posts text, which must be acknowledged as so many records that are all new.
func (s *sender) send(ctx context.Context, path, contentType, encoding string, text []byte, records int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.server.url(path), bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", contentType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	reply, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	var got struct {
		Count, Repaired, Deduplicated int
		Duplicate                     bool
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s: %s", path, answer.Status, reply)
	}
	if err := json.Unmarshal(reply, &got); err != nil {
		return fmt.Errorf("read the answer %q: %w", reply, err)
	}
	if got.Count != records || got.Duplicate || got.Deduplicated != 0 || got.Repaired != 0 {
		return fmt.Errorf("%s answered %s to %d new records that need no repair", path, reply, records)
	}
	s.books.acknowledge(records)
	return nil
}
