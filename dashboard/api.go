package dashboard

import (
	"encoding/json"

	"github.com/weirlog/weir/record"
)

// The types of the API's JSON. docs/wire.md says what they mean; the page's
// TypeScript types are generated from this file, so a name changed here changes
// there. A record in them is the projection that record.AppendJSON writes.

// Records is a list of records; in JSON an array of their projections.
type Records []record.Record

// Page answers GET /api/v1/records.
type Page struct {
	Records      Records `json:"records"`
	Next         string  `json:"next,omitempty"`          // cursor to go on from; absent at the end
	Complete     bool    `json:"complete"`                // nothing that matches was left out
	Reason       string  `json:"reason,omitempty"`        // why not: limit, deadline, evicted
	ScannedUntil string  `json:"scanned_until,omitempty"` // with reason deadline: the time reached
	Cursor       string  `json:"cursor"`                  // where the live stream stood before the search
	PlainText    string  `json:"plain_text,omitempty"`    // q did not parse and was searched as text: why
}

// Gap is the data of the stream's event gap: so many records are not sent here.
type Gap struct {
	Skipped uint64 `json:"skipped"`
	After   string `json:"after"`
	Before  string `json:"before"`
	Reason  string `json:"reason"` // slow, replay, evicted
	Stored  bool   `json:"stored"` // a search between the cursors still finds them
}

// Ping is the data of the stream's event ping. The counts are since the
// connection opened.
type Ping struct {
	Cursor    string `json:"cursor"`
	Seen      uint64 `json:"seen"`                 // records passed, matching or not
	Matched   uint64 `json:"matched"`              // records sent
	Skipped   uint64 `json:"skipped"`              // records declared in gaps
	Older     string `json:"older,omitempty"`      // in the first ping: search before this for older ones
	Build     string `json:"build"`                // of the page that the server has
	PlainText string `json:"plain_text,omitempty"` // in the first ping: q did not parse, and why
}

// Stats answers GET /api/v1/stats. A server adds keys of its own.
type Stats struct {
	Role         string   `json:"role"` // server or program
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Build        string   `json:"build"`
	StartedAt    string   `json:"started_at"`
	Capabilities []string `json:"capabilities"`

	Records   uint64 `json:"records"`   // that can be searched now
	Published uint64 `json:"published"` // since the start
	Viewers   int    `json:"viewers"`   // streams that are open
	Dropped   uint64 `json:"dropped"`   // lost before they could be published

	Held            int    `json:"held"` // records in memory
	HeldBytes       int64  `json:"held_bytes"`
	Evicted         uint64 `json:"evicted"`          // records that have left the memory
	Missed          uint64 `json:"missed"`           // records that viewers fell behind on
	ViewersDropped  uint64 `json:"viewers_dropped"`  // viewers that did not read
	SearchesRefused uint64 `json:"searches_refused"` // 429 answers
}

// Status answers GET / to a client that does not want a page.
type Status struct {
	Status  string `json:"status"`
	Service string `json:"service"`
}

// ExportRequest is the body of POST /api/v1/export.
type ExportRequest struct {
	Q      string `json:"q,omitempty"`
	Since  string `json:"since,omitempty"`
	Until  string `json:"until,omitempty"`
	Format string `json:"format,omitempty"` // ndjson or json
}

// Checkpoint is a named state of a job.
type Checkpoint struct {
	Name      string          `json:"name"`
	Status    string          `json:"status"` // DONE, IN_PROGRESS, FAILED, SKIPPED
	Note      string          `json:"note,omitempty"`
	Progress  float64         `json:"progress"`             // 0 to 100
	Data      json.RawMessage `json:"data,omitempty"`       // not in a list
	DataBytes int             `json:"data_bytes,omitempty"` // of data as JSON
	Saved     string          `json:"saved"`
	Logger    string          `json:"logger,omitempty"`
	SourceID  string          `json:"source_id,omitempty"`
}

// CheckpointList answers GET /api/v1/checkpoints.
type CheckpointList struct {
	Checkpoints []Checkpoint `json:"checkpoints"` // the one saved last first
	Total       int          `json:"total"`
	Overall     float64      `json:"overall"` // the mean progress of all
	Complete    bool         `json:"complete"`
	Reason      string       `json:"reason,omitempty"` // why not: limit
}

// CheckpointRequest is the body of PUT /api/v1/checkpoints/{name}.
type CheckpointRequest struct {
	Status   string          `json:"status,omitempty"` // DONE when it is absent
	Note     string          `json:"note,omitempty"`
	Progress float64         `json:"progress,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
}

// LevelList answers GET and PUT /api/v1/levels.
type LevelList struct {
	Levels []LoggerLevel `json:"levels"` // in the order of the names
}

// LoggerLevel is the level of a logger's name.
type LoggerLevel struct {
	Logger string `json:"logger"` // dotted; "" stands for all names without a level of their own
	Level  string `json:"level"`  // in force
	Own    bool   `json:"own"`    // set for this name, else inherited
	Until  string `json:"until,omitempty"`
}

// LevelRequest is the body of PUT /api/v1/levels.
type LevelRequest struct {
	Logger string  `json:"logger"`
	Level  *string `json:"level"` // null takes a setting back
	For    string  `json:"for,omitempty"`
}

// ErrorBody is every error's body.
type ErrorBody struct {
	Error ErrorDetail `json:"error"`
}

// ErrorDetail says what went wrong, and in Hint what to do.
type ErrorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}
